/** So many peaks are looked at: those of five minutes. */
const kept = 60

/** How the load of the last minutes grows, told by its peak in each slot of time. */
export class RecentTrend {
  readonly #peaks: number[] = []

  note(peak: number): void {
    this.#peaks.push(peak)
    if (this.#peaks.length > kept) this.#peaks.shift()
  }

  /** The growth from slot to slot, over the last `slots` of them; 0: it does not grow. */
  growth(slots = kept): number {
    return Math.max(0, slopeOf(this.#peaks.slice(-slots)))
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
  return along === 0 ? 0 : across / along
}
