import type { Logger } from './log.ts'
import { createSparseLines } from './sparse-lines.ts'

/** Tells of a caller whom a plane turned away, by its code and address. */
export type Refused = (code: string, from: string | undefined) => void

export interface RefusalsDeps {
  readonly plane: 'data' | 'admin'
  /** Counts each of them. */
  readonly shed: (reason: string) => void
  readonly log: Logger
  readonly now?: () => number
}

/** Each refusal is counted, and those of a caller who guesses tokens do not fill the log. */
export function createRefusals({ plane, shed, log, now }: RefusalsDeps): Refused {
  const lines = createSparseLines(now)
  return (code, from) => {
    shed(code)
    const line = lines(code)
    if (line !== undefined) log.warn({ plane, code, from, ...line }, 'a caller was turned away')
  }
}

/** The refusals that are told of, and counted; every other one is the business of its caller alone. */
export const isTurnedAway = (code: string): boolean => code === 'UNAUTHENTICATED' || code === 'FORBIDDEN'
