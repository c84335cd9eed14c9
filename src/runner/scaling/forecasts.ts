import type { DailyProfile } from './daily-profile.ts'
import { PeakWindow } from './peak-window.ts'
import { RecentLevel } from './recent-level.ts'
import { RecentTrend } from './recent-trend.ts'

const minuteMs = 60_000
/** Peaks of so long are looked at, in minutes. */
const windows = [1, 2.5, 5, 10, 20, 60, 240].map(minutes => minutes * minuteMs)
/** So many minutes, and deviations above the mean of their load. */
const levels = [5, 20]
const deviations = [2.5, 3.5, 4.5]
/** A load that grows is met so much earlier, in milliseconds: one process more costs less than all who wait for it. */
const steadyAheadMs = 90_000
const soonAheadMs = 60_000
const steepAheadMs = 30_000
/** The slots of a minute and a half. */
const steepSlots = 18
/** Of what the days before had: as much, and more. */
const shares = [1, 1.15, 1.3]
/** Of the windows, five minutes with their growth. */
export const usualWay = 2 * 4 + 1

/** Many ways to say what load comes next, of which each is right for some load. */
export class Forecasts {
  readonly #slotMs: number
  readonly #daily: DailyProfile
  readonly #trend = new RecentTrend()
  readonly #peaks = windows.map(() => new PeakWindow())
  readonly #levels: readonly RecentLevel[]

  constructor(slotMs: number, daily: DailyProfile) {
    this.#slotMs = slotMs
    this.#daily = daily
    this.#levels = levels.map(minutes => new RecentLevel((minutes * minuteMs) / slotMs))
  }

  /** The peak of a slot that is over. */
  note(peak: number, at: number): void {
    this.#trend.note(peak)
    for (const window of this.#peaks) window.note(peak, at)
    for (const level of this.#levels) level.note(peak)
  }

  /** The loads that each expects between now and `leadMs` later, always in the same order. */
  at(now: number, leadMs: number): number[] {
    const steady = this.#trend.growth()
    const grown = (growth: number, aheadMs: number): number => growth * ((leadMs + aheadMs) / this.#slotMs)
    const slow = grown(steady, steadyAheadMs)
    const fast = Math.max(grown(steady, soonAheadMs), grown(this.#trend.growth(steepSlots), steepAheadMs))
    const times = this.#daily.growth(now, leadMs)
    const known = this.#daily.highest(now, leadMs)
    const peaks = this.#peaks.map((window, i) => window.peak(now, windows[i] ?? 0))
    const bases = [...peaks, ...this.#levels.flatMap(level => deviations.map(count => level.above(count)))]
    return [
      ...bases.flatMap(base => [base, base + slow, base * times, base * times + fast]),
      ...peaks.slice(1, 3).flatMap(base => shares.map(share => Math.max(base, known * share)))
    ]
  }
}
