/** A line is written at most once in so long, in milliseconds. */
const quietMs = 10_000

/** The lines that were left out since the one before; absent: there was none before. */
export interface SparseLine {
  readonly before?: number
}

/** Answers whether a line of this kind is due; `undefined`: it is left out, and counted. */
export type SparseLines = (kind: string) => SparseLine | undefined

interface Told {
  /** When the last line was written. */
  at: number
  /** Those that were left out since then. */
  more: number
}

/** Whatever comes with each of many requests is to be seen in the log, and must not fill it. */
export function createSparseLines(now = (): number => performance.now()): SparseLines {
  const kinds = new Map<string, Told>()
  return kind => {
    const told = kinds.get(kind)
    if (told !== undefined && now() - told.at < quietMs) {
      told.more++
      return undefined
    }
    kinds.set(kind, { at: now(), more: 0 })
    return told === undefined ? {} : { before: told.more }
  }
}
