import { BurstRhythm } from './burst-rhythm.ts'
import { DailyProfile } from './daily-profile.ts'
import { RecentTrend } from './recent-trend.ts'

/** How often a forecast is made anew, in milliseconds. */
const everyMs = 1_000

/**
 * The load that a step will have, in calls at once, learned from the one that it had: in the last minutes, at this time of the day,
 * and in loads that come and go.
 */
export class LoadModel {
  readonly #daily = new DailyProfile()
  readonly #recent = new RecentTrend()
  readonly #bursts = new BurstRhythm()
  #made = 0
  #madeAt = -Infinity

  /** The most calls at once since this was told the last time; `at` is in milliseconds since the epoch. */
  note(calls: number, at: number): void {
    this.#daily.note(calls, at)
    this.#recent.note(calls, at)
    this.#bursts.note(calls, at)
  }

  /** The most calls at once that are to be expected between now and `leadMs` later. */
  forecast(now: number, leadMs: number): number {
    if (now < this.#madeAt || now >= this.#madeAt + everyMs) {
      this.#made = this.#make(now, leadMs)
      this.#madeAt = now
    }
    return this.#made
  }

  #make(now: number, leadMs: number): number {
    const steady = this.#recent.forecast(leadMs) * this.#daily.growth(now, leadMs)
    return Math.max(steady, this.#bursts.forecast(now, leadMs))
  }
}
