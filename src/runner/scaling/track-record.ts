/** A call that finds no place for the time of a slot is worth so many seconds of one that nobody uses. */
const missPrice = 500
/** After so long a mistake counts half, in milliseconds. */
const halfLifeMs = 12 * 3_600_000

/**
 * How well each of several ways to forecast a load would have done: the places that it would have kept, and the calls that
 * would have found none. The one that would have cost least is believed.
 */
export class TrackRecord {
  readonly #slotMs: number
  readonly #decay: number
  /** The cost that each would have had so far. */
  #costs: number[] = []
  /** Newest last; those that processes of now were started by. */
  #forecasts: (readonly number[])[] = []

  constructor(slotMs: number) {
    this.#slotMs = slotMs
    this.#decay = 2 ** (-slotMs / halfLifeMs)
  }

  /** The slot had this peak. */
  judge(peak: number): void {
    const last = this.#forecasts.at(-1)
    if (last === undefined) return
    this.#costs = last.map((kept, i) => {
      // A process that was to go has gone at once, one that was to come is there after a start.
      const places = this.#forecasts.reduce((least, each) => Math.min(least, each[i] ?? 0), Infinity)
      const cost = (kept * this.#slotMs) / 1_000 + missPrice * Math.max(0, peak - places)
      return (this.#costs[i] ?? 0) * this.#decay + cost
    })
  }

  /** The forecasts for the time after a start. Answers the one to believe; `usual` is the place of that without a record. */
  choose(forecasts: readonly number[], leadMs: number, usual: number): number {
    this.#forecasts.push(forecasts)
    this.#forecasts = this.#forecasts.slice(-(Math.ceil(leadMs / this.#slotMs) + 1))
    const costs = this.#costs
    let best = usual
    for (let i = 0; i < costs.length; i++) if ((costs[i] ?? 0) < (costs[best] ?? 0)) best = i
    return forecasts[best] ?? 0
  }

  get learned(): readonly number[] {
    return this.#costs
  }

  /** Takes the record of before, unless there is another one by now, or it is of other ways. */
  recall(costs: readonly number[], ways: number): void {
    if (this.#costs.length === 0 && costs.length === ways) this.#costs = [...costs]
  }
}
