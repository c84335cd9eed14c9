import type { Random } from './chance.ts'

export interface StepKind {
  /** Calls that a process takes at once. */
  readonly concurrency: number
  /** The mean length of a call, of at least a second. */
  readonly callSeconds: number
  /** From the start of a process until it is ready. */
  readonly startSeconds: number
}

/** The longest call, in seconds. */
const longest = 1024

/** Processes and their calls, which are served in order. */
export class Pool {
  readonly #step: StepKind
  readonly #random: Random
  /** When those that start are ready. */
  #starting: number[] = []
  #ready = 0
  #busy = 0
  #waiting = 0
  /** Calls that end in each second from now on. */
  readonly #ends = new Uint32Array(longest)

  constructor(step: StepKind, random: Random) {
    this.#step = step
    this.#random = random
  }

  get size(): number {
    return this.#ready + this.#starting.length
  }

  /** Calls that run, and that wait. */
  get calls(): number {
    return this.#busy + this.#waiting
  }

  /** Answers how many of those that come in this second find no place. */
  arrive(count: number, second: number): number {
    if (this.#starting.length > 0) {
      this.#ready += this.#starting.filter(at => at <= second).length
      this.#starting = this.#starting.filter(at => at > second)
    }
    const place = second % longest
    this.#busy -= this.#ends[place] ?? 0
    this.#ends[place] = 0
    this.#waiting -= this.#begin(this.#waiting, second)
    const held = count - (this.#waiting > 0 ? 0 : this.#begin(count, second))
    this.#waiting += held
    return held
  }

  /** Those that are not ready go first, and none that has a call. */
  scaleTo(wanted: number, second: number): void {
    while (this.size < wanted) this.#starting.push(second + this.#step.startSeconds)
    while (this.#starting.length > 0 && this.size > wanted) this.#starting.pop()
    const needed = Math.ceil(this.#busy / this.#step.concurrency)
    this.#ready -= Math.max(0, Math.min(this.#ready - wanted, this.#ready - needed))
  }

  /** Answers how many of them find a place. */
  #begin(count: number, second: number): number {
    const begun = Math.min(count, Math.max(0, this.#ready * this.#step.concurrency - this.#busy))
    this.#busy += begun
    for (let i = 0; i < begun; i++) {
      const more = Math.floor(-(this.#step.callSeconds - 1) * Math.log(1 - this.#random()))
      const place = (second + 1 + Math.min(longest - 2, more)) % longest
      this.#ends[place] = (this.#ends[place] ?? 0) + 1
    }
    return begun
  }
}
