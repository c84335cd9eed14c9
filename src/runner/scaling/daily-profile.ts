const minuteMs = 60_000
const minutes = 24 * 60
/** The part of a new day in what is known. */
const weight = 0.5
/** Minutes on both sides of one that are taken together with it: a minute alone is mostly chance. */
const around = 2
/** A load that is to grow is met so much earlier, in minutes. */
const ahead = 3
/** Another day is never so much unlike this one. */
const least = 0.7
const most = 3

/** The load of each minute of the day, as it was on the days before. */
export class DailyProfile {
  readonly #slots: (number | undefined)[] = Array.from({ length: minutes })
  #minute: number | undefined
  #peak = 0

  note(calls: number, at: number): void {
    const minute = Math.floor(at / minuteMs)
    if (this.#minute !== undefined && minute > this.#minute) {
      this.#learn(this.#minute, this.#peak)
      // Nobody was here in between, for a day at the most.
      const missed = Math.min(minute - this.#minute - 1, minutes)
      for (let i = 1; i <= missed; i++) this.#learn(this.#minute + i, 0)
      this.#peak = 0
    }
    this.#minute = minute
    this.#peak = Math.max(this.#peak, calls)
  }

  /** How many times as much as now the load will be in a few minutes, as far as that is known; else 1. */
  growth(now: number, leadMs: number): number {
    const from = this.#level(Math.floor(now / minuteMs))
    const to = this.#level(Math.floor((now + leadMs) / minuteMs) + ahead)
    if (from === undefined || to === undefined || from === 0) return 1
    return Math.max(least, Math.min(most, to / from))
  }

  #level(minute: number): number | undefined {
    let sum = 0
    for (let i = -around; i <= around; i++) {
      const peak = this.#slots[(minute + i + minutes) % minutes]
      if (peak === undefined) return undefined
      sum += peak
    }
    return sum
  }

  #learn(minute: number, peak: number): void {
    const place = minute % minutes
    const known = this.#slots[place]
    this.#slots[place] = known === undefined ? peak : known + weight * (peak - known)
  }
}
