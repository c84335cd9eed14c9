import type { Figure } from './comparison.ts'
import type { LoadResult } from './load.ts'

/** The figures of a load that ran on both sides; errors only if there were any. */
export function loadFigures(name: string, left: readonly LoadResult[], right: readonly LoadResult[]): Figure[] {
  const figure = (unit: string, pick: (result: LoadResult) => number) => ({
    name: `${name}: ${unit}`,
    left: left.map(pick),
    right: right.map(pick)
  })
  const failed = [...left, ...right].some(result => result.errors > 0)
  return [
    figure('req/s', result => result.requestsPerSecond),
    figure('p50 ms', result => result.p50Ms),
    figure('p99 ms', result => result.p99Ms),
    ...(failed ? [figure('ERRORS in a round', result => result.errors)] : [])
  ]
}
