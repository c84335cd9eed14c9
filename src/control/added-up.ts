import type { InFlightOf } from './served.ts'

/** One count for each generation. */
export const addedUp = (counts: readonly InFlightOf[]): InFlightOf[] =>
  [...Map.groupBy(counts, ({ generation }) => generation)].map(([generation, own]) => ({
    generation,
    count: own.reduce((sum, { count }) => sum + count, 0),
    stored: own.reduce((sum, { stored }) => sum + stored, 0)
  }))
