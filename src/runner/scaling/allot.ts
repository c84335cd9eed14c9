/** The processes that a step would have. */
export interface Demand {
  /** For the calls of this moment. */
  readonly need: number
  /** Even without a call. */
  readonly floor: number
  /** Those that were needed within its `idle`. */
  readonly keep: number
}

/**
 * How many processes each step gets when all together may have `most`. Calls go before the wish for more: first one
 * process for each step that has calls, then those that are to run always, then one more for each in turn, and what is
 * left keeps processes that may be needed soon. While there is room for all, each gets the largest of its three numbers.
 */
export function allot(demands: readonly Demand[], most: number): number[] {
  const given = demands.map(() => 0)
  let left = most
  const raise = (place: number, to: number): void => {
    const more = Math.max(0, Math.min(to - (given[place] ?? 0), left))
    given[place] = (given[place] ?? 0) + more
    left -= more
  }
  const each = (to: (demand: Demand) => number): void => demands.forEach((demand, i) => raise(i, to(demand)))
  each(({ need }) => Math.min(need, 1))
  each(({ floor }) => floor)
  const largest = demands.reduce((most, { need }) => Math.max(most, need), 0)
  for (let level = 2; level <= Math.min(largest, most); level++) each(({ need }) => Math.min(need, level))
  each(({ keep }) => keep)
  return given
}
