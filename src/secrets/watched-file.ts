import { readFileSync, statSync, type BigIntStats } from 'node:fs'

/** The text of a file. */
export type FileReading =
  | {
      readonly kind: 'text'
      readonly text: string
      /** Why it cannot be read any more. */ readonly stale: string | undefined
    }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Keys, tokens and certificates are short; what is longer is another file. */
const maxBytes = 1024 * 1024

/**
 * Two writes within a tick of the file system's clock leave one time behind: as long as that may be, it is read again.
 */
const tickMs = 50n

/**
 * A small file that is read again when it has changed: each call looks at its times, which takes microseconds. A file
 * that cannot be read keeps its last text, since whoever replaces a file may do it in two steps.
 */
export class WatchedFile {
  readonly path: string
  #reading: FileReading | undefined
  #seen: BigIntStats | undefined
  #readAtMs = 0n

  constructor(path: string) {
    this.path = path
  }

  read(): FileReading {
    const found = this.#look()
    if (this.#reading !== undefined && found === this.#seen) return this.#reading
    this.#readAtMs = BigInt(Date.now())
    this.#seen = typeof found === 'string' ? undefined : found
    this.#reading = this.#next(
      typeof found === 'string' ? { kind: 'unreadable', reason: found } : readNow(this.path, found)
    )
    return this.#reading
  }

  /** Has the next call read it, whatever its times say. */
  readAgain(): void {
    this.#readAtMs = 0n
  }

  /** The state that was seen last, where it is still the same; a text: why there is none. */
  #look(): BigIntStats | string {
    try {
      const stats = statSync(this.path, { bigint: true, throwIfNoEntry: false })
      if (stats === undefined) return 'is not there'
      const settled = stats.mtimeMs + tickMs < this.#readAtMs
      return settled && this.#seen !== undefined && sameState(stats, this.#seen) ? this.#seen : stats
    } catch (thrown) {
      return `cannot be read (${codeOf(thrown)})`
    }
  }

  #next(reading: FileReading): FileReading {
    const before = this.#reading
    if (reading.kind === 'text' || before?.kind !== 'text') return reading
    return { ...before, stale: reading.reason }
  }
}

function readNow(path: string, stats: BigIntStats): FileReading {
  if (!stats.isFile()) return { kind: 'unreadable', reason: 'is not a file' }
  if (stats.size > maxBytes) return { kind: 'unreadable', reason: `is longer than ${maxBytes} bytes` }
  try {
    const text = readFileSync(path, 'utf8')
    return text.trim() === '' ? { kind: 'unreadable', reason: 'is empty' } : { kind: 'text', text, stale: undefined }
  } catch (thrown) {
    return { kind: 'unreadable', reason: `cannot be read (${codeOf(thrown)})` }
  }
}

const sameState = (a: BigIntStats, b: BigIntStats): boolean =>
  a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size && a.ino === b.ino && a.dev === b.dev

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
