const slotMs = 5_000
/** Five minutes. */
const slots = 60
/** A load is steady when it was there in so many of them. */
const steady = 20
/** A load that grows is met so much earlier, in milliseconds: one process more costs less than all who wait for it. */
const aheadMs = 90_000

/** The load of the last minutes: its peak, and how it grows. */
export class RecentTrend {
  readonly #peaks: number[] = []
  #slot: number | undefined

  note(calls: number, at: number): void {
    const slot = Math.floor(at / slotMs)
    const passed = this.#slot === undefined ? 1 : Math.min(slot - this.#slot, slots)
    for (let i = 0; i < passed; i++) {
      this.#peaks.push(0)
      if (this.#peaks.length > slots) this.#peaks.shift()
    }
    this.#slot = slot
    const last = this.#peaks.length - 1
    this.#peaks[last] = Math.max(this.#peaks[last] ?? 0, calls)
  }

  /** The peak, and what it has grown by until after `leadMs`; 0 for a load that comes and goes. */
  forecast(leadMs: number): number {
    const peaks = this.#peaks
    if (peaks.filter(peak => peak > 0).length < steady) return 0
    const growth = Math.max(0, slopeOf(peaks)) * ((leadMs + aheadMs) / slotMs)
    return peaks.reduce((most, peak) => Math.max(most, peak), 0) + growth
  }
}

/** Of the line of least squares through values at 0, 1, 2 … */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  let across = 0
  let along = 0
  values.forEach((value, i) => {
    across += (i - middle) * value
    along += (i - middle) ** 2
  })
  return across / along
}
