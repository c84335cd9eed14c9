import { writeSync } from 'node:fs'

/** Where lines go that somebody may read, and that nobody waits for. */
export interface LineOutput {
  /** Takes whole lines, each with its end. Lines that find no room are dropped and counted. */
  write(lines: string): void
  /** The reader is slower than the writers: who can do so waits for `caughtUp` before it writes more. */
  readonly behind: boolean
  caughtUp(): Promise<void>
}

/** Octets that wait for the reader in memory; more are dropped. */
const maxWaiting = 1024 * 1024
const behindFrom = 64 * 1024
/** How soon a full descriptor is tried again, in milliseconds. */
const againMs = 10
/** Where a write failed, nothing is tried for so long, in milliseconds: each failure costs as much as many lines. */
const restMs = 100
/** How long the end of the process waits for a slow reader, in milliseconds. */
const lastWaitMs = 1_000

/**
 * Writes to a descriptor that does not block. Each line is written at once while the reader keeps up, so that a line
 * which explains a crash is not lost by it. A reader that is behind finds what waited for it, and one line that counts
 * what was dropped; a reader that went away ends nothing.
 */
export class DescriptorOutput implements LineOutput {
  readonly #fd: number
  readonly #tellDropped: (lines: number) => string
  #waiting: Buffer[] = []
  #waitingOctets = 0
  #dropped = 0
  #failedAt = -Infinity
  #again: NodeJS.Timeout | undefined
  #caughtUp: PromiseWithResolvers<void> | undefined

  constructor(fd: number, tellDropped: (lines: number) => string) {
    this.#fd = fd
    this.#tellDropped = tellDropped
  }

  get behind(): boolean {
    return this.#waitingOctets > behindFrom
  }

  caughtUp(): Promise<void> {
    if (!this.behind) return Promise.resolve()
    this.#caughtUp ??= Promise.withResolvers()
    return this.#caughtUp.promise
  }

  write(lines: string): void {
    const octets = Buffer.from(lines)
    if (this.#waiting.length > 0) this.#keep(octets)
    else if (this.#dropped > 0 && !this.#triedAgain()) this.#dropped += countLines(octets)
    else this.#put(octets)
  }

  /** For the end of the process: a slow reader is given a moment, one that stands still is not waited for. */
  flush(): void {
    const wait = new Int32Array(new SharedArrayBuffer(4))
    for (let idleMs = 0; this.#waiting.length > 0 && idleMs < lastWaitMs; idleMs += againMs) {
      const before = this.#waitingOctets
      Atomics.wait(wait, 0, 0, againMs)
      this.#drain()
      if (this.#waitingOctets < before) idleMs = 0
    }
  }

  /** Order is kept: what comes behind lines that were dropped is dropped too, until a line has told so. */
  #keep(octets: Buffer): void {
    if (this.#dropped > 0 || this.#waitingOctets + octets.length > maxWaiting) this.#dropped += countLines(octets)
    else this.#wait(octets)
  }

  #wait(octets: Buffer): void {
    this.#waiting.push(octets)
    this.#waitingOctets += octets.length
    // A log that nobody reads does not keep the process alive.
    this.#again ??= setTimeout(() => this.#drain(), againMs).unref()
  }

  #drain(): void {
    clearTimeout(this.#again)
    this.#again = undefined
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingOctets = 0
    for (const octets of waiting) {
      if (this.#waiting.length > 0) this.#wait(octets)
      else this.#put(octets)
    }
    if (this.#waiting.length === 0 && this.#dropped > 0) this.#tellIt()
    if (this.behind) return
    this.#caughtUp?.resolve()
    this.#caughtUp = undefined
  }

  /** False: nobody reads still, or that was so a moment ago. */
  #triedAgain(): boolean {
    return performance.now() - this.#failedAt >= restMs && this.#tellIt()
  }

  #tellIt(): boolean {
    const dropped = this.#dropped
    this.#dropped = 0
    this.#put(Buffer.from(this.#tellDropped(dropped)))
    if (this.#dropped === 0) return true
    this.#dropped = dropped
    return false
  }

  /** A line that finds no room waits; where nobody reads, or the disk is full, it is dropped. */
  #put(octets: Buffer): void {
    let written = 0
    try {
      while (written < octets.length) written += writeSync(this.#fd, octets, written)
    } catch (thrown) {
      const rest = octets.subarray(written)
      if (isFull(thrown)) this.#wait(rest)
      else {
        this.#dropped += countLines(rest)
        this.#failedAt = performance.now()
      }
    }
  }
}

const isFull = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN'

const lineEnd = 0x0a

/** A plain loop: for the short lines of a flood it is many times faster than searching for each. */
export function countLines(octets: Uint8Array): number {
  let lines = 0
  for (let i = 0; i < octets.length; i++) if (octets[i] === lineEnd) lines++
  return lines
}
