import type { Logger } from './log.ts'

/** Tells of a caller whom a plane turned away, by its code and address. */
export type Refused = (code: string, from: string | undefined) => void

export interface RefusalsDeps {
  readonly plane: 'data' | 'admin'
  /** Counts each of them. */
  readonly shed: (reason: string) => void
  readonly log: Logger
  readonly now?: () => number
}

/** A caller who guesses tokens is to be seen in the log, and must not fill it. */
const quietMs = 10_000

interface Told {
  /** When the last line was written. */
  at: number
  /** Callers since then. */
  more: number
}

/** Each refusal is counted, and the log has one line of a kind in ten seconds, which says how many there were since. */
export function createRefusals({ plane, shed, log, now = () => performance.now() }: RefusalsDeps): Refused {
  const kinds = new Map<string, Told>()
  return (code, from) => {
    shed(code)
    const told = kinds.get(code)
    if (told !== undefined && now() - told.at < quietMs) {
      told.more++
      return
    }
    log.warn({ plane, code, from, ...(told !== undefined && { before: told.more }) }, 'a caller was turned away')
    kinds.set(code, { at: now(), more: 0 })
  }
}

/** The refusals that are told of, and counted; every other one is the business of its caller alone. */
export const isTurnedAway = (code: string): boolean => code === 'UNAUTHENTICATED' || code === 'FORBIDDEN'
