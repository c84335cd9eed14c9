/** Calls that may be under way at once right after the recovery. */
const first = 4
/** From here on the load is whatever comes. */
const enough = 64

/**
 * The slow start of an origin that has just recovered: a few calls at once, one more with each that ends well (which
 * doubles them with each round), and more with the time, for calls that take long. Times are on the clock of
 * `performance.now()`.
 */
export class Ramp {
  readonly #lastsMs: number
  readonly #beganAt: number
  #endedWell = 0
  #underWay = 0

  constructor(lastsMs: number, now: number) {
    this.#lastsMs = lastsMs
    this.#beganAt = now
  }

  isOver(now: number): boolean {
    return this.#allowed(now) >= enough
  }

  /** Takes a place for a call, to be given back by `leave`; false: there is none. */
  enter(now: number): boolean {
    if (this.#underWay >= this.#allowed(now)) return false
    this.#underWay++
    return true
  }

  leave(wentWell: boolean): void {
    this.#underWay--
    if (wentWell) this.#endedWell++
  }

  #allowed(now: number): number {
    return first + this.#endedWell + (enough * (now - this.#beganAt)) / this.#lastsMs
  }
}
