import { BurstRhythm, type Burst } from './burst-rhythm.ts'
import { DailyProfile, type Minutes } from './daily-profile.ts'
import { Forecasts, usualWay } from './forecasts.ts'
import { TrackRecord } from './track-record.ts'

/** How often a forecast is made anew, in milliseconds. */
const slotMs = 5_000
/** A load that was away for longer is another one: so many empty slots are looked at. */
const mostMissed = 60

/** The part of a model that is worth keeping over a restart. */
export interface LearnedLoad {
  readonly minutes: readonly (number | null | undefined)[]
  readonly bursts: readonly Burst[]
  readonly costs: readonly number[]
}

/**
 * The load that a step will have, in calls at once, learned from the one that it had. Many ways to forecast are tried all the
 * time; the one that would have done best so far is believed.
 */
export class LoadModel {
  readonly #daily = new DailyProfile()
  readonly #bursts = new BurstRhythm()
  readonly #forecasts = new Forecasts(slotMs, this.#daily)
  readonly #record = new TrackRecord(slotMs)
  #slot: number | undefined
  #peak = 0
  #expected = 0
  #leadMs = 0

  /** The most calls at once since this was told the last time; `at` is in milliseconds since the epoch. */
  note(calls: number, at: number): void {
    this.#daily.note(calls, at)
    this.#bursts.note(calls, at)
    const slot = Math.floor(at / slotMs)
    const passed = Math.min(slot - (this.#slot ?? slot), mostMissed)
    for (let i = passed; i > 0; i--) this.#close(i === passed ? this.#peak : 0, at)
    if (passed > 0) this.#peak = 0
    this.#peak = Math.max(this.#peak, calls)
    this.#slot = slot
  }

  /** The most calls at once that are to be expected between now and `leadMs` later. */
  forecast(leadMs: number): number {
    this.#leadMs = leadMs
    return this.#expected
  }

  get learned(): LearnedLoad {
    return { minutes: this.#daily.learned.map(rounded), bursts: this.#bursts.learned, costs: this.#record.learned }
  }

  /** Goes on from what was learned before a restart. */
  recall({ minutes, bursts, costs }: LearnedLoad): void {
    this.#daily.recall(minutes.map(minute => minute ?? undefined) satisfies Minutes)
    this.#bursts.recall(bursts)
    this.#record.recall(costs, this.#forecasts.at(0, 0).length)
  }

  #close(peak: number, at: number): void {
    this.#forecasts.note(peak, at)
    this.#record.judge(peak)
    const rhythm = this.#bursts.forecast(at, this.#leadMs)
    const forecasts = this.#forecasts.at(at, this.#leadMs).map(each => Math.max(each, rhythm))
    this.#expected = this.#record.choose(forecasts, this.#leadMs, usualWay)
  }
}

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 100) / 100
