import { BodyShare, type BodyMemory } from '../event/body-memory.ts'
import type { EndSignal } from '../event/end-signal.ts'
import type { CloudEvent } from '../event/event.ts'
import { addPiece } from '../event/pieces.ts'
import { always, type StreamTaker } from '../event/stream-taker.ts'
import { waitFor } from '../delivery/wait.ts'
import type { Streams } from '../ledger/streams.ts'
import type { Claim } from '../ledger/work.ts'
import type { Logger } from '../telemetry/log.ts'
import { writeUntilTaken } from './write-until-taken.ts'

export interface StoredStreamDeps {
  readonly claim: Claim
  readonly streams: Pick<Streams, 'appendPiece'>
  readonly memory: BodyMemory
  readonly stop: EndSignal
  readonly log: Logger
}

/** Octets of one piece at most; the step waits while more than four times as many are not written. */
const pieceBytes = 64 * 1024
const unwrittenBytes = 4 * pieceBytes
/** From one write to the next, in milliseconds, unless a whole piece waits: small chunks go together. */
const pauseMs = 25

/**
 * The reply of a stored request that streams: its octets are written to the store as they come, a piece after the other,
 * and kept until the settlement has all of them.
 */
export class StoredStream implements StreamTaker, Disposable {
  readonly mayBegin = always
  readonly #deps: StoredStreamDeps
  readonly #share: BodyShare
  readonly #octets: Buffer[] = []
  #head: CloudEvent | undefined
  #unwritten: Uint8Array[] = []
  #waiting = 0
  #written = 0
  #writing: Promise<void> | undefined
  #drained: (() => void) | undefined
  #isOver = false
  #wake: (() => void) | undefined
  #run: number | undefined

  constructor(deps: StoredStreamDeps) {
    this.#deps = deps
    this.#share = new BodyShare(deps.memory)
  }

  get isBegun(): boolean {
    return this.#head !== undefined
  }

  begin(reply: CloudEvent): boolean {
    this.#head = reply
    return true
  }

  readonly pass: StreamTaker['pass'] = (octets, drained) => {
    const own = Buffer.from(octets)
    this.#share.add(own.length)
    addPiece(this.#octets, own)
    this.#unwritten.push(own)
    this.#waiting += own.length
    if (this.#waiting >= pieceBytes) this.#wake?.()
    this.#writing ??= this.#begin()
    if (this.#waiting < unwrittenBytes || this.#isOver) return true
    this.#drained = drained
    return false
  }

  readonly whole = (): Uint8Array => {
    const whole = Buffer.concat(this.#octets)
    this.#octets.splice(0, Infinity, whole)
    return whole
  }

  /** Writes no more: the settlement has the rest. Answers the run that streamed; `undefined`: none did. */
  async end(): Promise<number | undefined> {
    this.#isOver = true
    this.#wake?.()
    await this.#writing
    return this.#run
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#wake?.()
    this.#share.release()
  }

  /** A defect is for who waits for the end; until then the step goes on, and nothing more is written. */
  #begin(): Promise<void> {
    const writing = this.#write()
    writing.catch(() => {
      this.#isOver = true
      this.#goOn()
    })
    return writing
  }

  async #write(): Promise<void> {
    const { claim, streams, stop, log } = this.#deps
    const head = this.#head
    if (head === undefined) return
    while (this.#waiting > 0 && !(this.#isOver && this.#run !== undefined)) {
      const piece = { offset: this.#written, octets: this.#next(), head }
      const run = await writeUntilTaken(() => streams.appendPiece(claim, piece), stop, log)
      if (run === undefined) this.#isOver = true
      else this.#run = run
      this.#written += piece.octets.length
      this.#goOn()
      if (this.#isOver) break
      await this.#pause()
    }
    this.#writing = undefined
  }

  /** The octets of the next piece. */
  #next(): Uint8Array {
    const all = this.#unwritten.length === 1 ? this.#unwritten[0] : Buffer.concat(this.#unwritten)
    const octets = (all ?? Buffer.alloc(0)).subarray(0, pieceBytes)
    const rest = all?.subarray(octets.length)
    this.#unwritten = rest === undefined || rest.length === 0 ? [] : [rest]
    this.#waiting -= octets.length
    return octets
  }

  #goOn(): void {
    const drained = this.#drained
    if (drained === undefined || (this.#waiting >= unwrittenBytes && !this.#isOver)) return
    this.#drained = undefined
    drained()
  }

  async #pause(): Promise<void> {
    if (this.#waiting >= pieceBytes) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await Promise.race([promise, waitFor(pauseMs, this.#deps.stop)])
    this.#wake = undefined
  }
}
