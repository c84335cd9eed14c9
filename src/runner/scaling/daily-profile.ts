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

/** The peak of each minute of the day; `undefined`: it was never seen. */
export type Minutes = readonly (number | undefined)[]

/** The load of each minute of the day, as it was on the days before. */
export class DailyProfile {
  #minutes: (number | undefined)[] = Array.from({ length: minutes })
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
    const later = Math.floor((now + leadMs) / minuteMs)
    let to = 0
    for (let i = 0; i <= ahead; i++) to = Math.max(to, this.#level(later + i) ?? NaN)
    if (from === undefined || from === 0 || Number.isNaN(to)) return 1
    return Math.max(least, Math.min(most, to / from))
  }

  /** The highest load of the minutes until a while after a start; 0: that is not known. */
  highest(now: number, leadMs: number): number {
    const minute = Math.floor(now / minuteMs)
    let highest = 0
    for (let i = 0; i < Math.ceil(leadMs / minuteMs) + 2; i++) highest = Math.max(highest, this.#at(minute + i) ?? NaN)
    return Number.isNaN(highest) ? 0 : highest
  }

  get learned(): Minutes {
    return this.#minutes
  }

  /** Takes what was learned before, but for the minutes that were seen since. */
  recall(learned: Minutes): void {
    this.#minutes = this.#minutes.map((own, minute) => own ?? learned[minute] ?? undefined)
  }

  #at(minute: number): number | undefined {
    return this.#minutes[(minute + minutes) % minutes]
  }

  #level(minute: number): number | undefined {
    let sum = 0
    for (let i = -around; i <= around; i++) sum += this.#at(minute + i) ?? NaN
    return Number.isNaN(sum) ? undefined : sum
  }

  #learn(minute: number, peak: number): void {
    const place = minute % minutes
    const known = this.#minutes[place]
    this.#minutes[place] = known === undefined ? peak : known + weight * (peak - known)
  }
}
