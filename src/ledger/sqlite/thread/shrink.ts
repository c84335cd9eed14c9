import type { Database } from './database.ts'
import type { Session } from './session.ts'

interface ShrinkInput {
  /** At most so many are given back now. */
  readonly pages: number
  /** Some were just given back: it goes on to the end. */
  readonly begun: boolean
}

/** Free pages that are worth the work, and those that stay for what comes next; as many as these at least. */
const worthwhile = { pages: 2048, ofUsed: 1 / 2 }
const kept = { pages: 256, ofUsed: 1 / 8 }

/** A file with less in it than this is made anew at a start so that it can shrink. */
const rebuiltBytes = 64 * 1024 * 1024

const incremental = 2

/** Gives free pages at the end of the file back; answers how many. It begins when many are free, and leaves a few. */
export function shrink({ database }: Session, { pages, begun }: ShrinkInput): number {
  const free = pragma(database, 'freelist_count')
  const used = pragma(database, 'page_count') - free
  const atLeast = (share: typeof kept): number => Math.max(share.pages, used * share.ofUsed)
  if (free <= atLeast(begun ? kept : worthwhile) || pragma(database, 'auto_vacuum') !== incremental) return 0
  const given = Math.min(pages, Math.ceil(free - atLeast(kept)))
  database.execute(`PRAGMA incremental_vacuum(${given})`)
  return given
}

/** Lets the file be as short as the database; its log is moved into it before. */
export function trim({ database }: Session): void {
  if (!database.inMemory) database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
}

/**
 * Files of former versions cannot shrink. One with little in it is made anew; of others nothing is promised, as that
 * would take a start minutes.
 */
export function letShrink(database: Database): void {
  const used = pragma(database, 'page_count') - pragma(database, 'freelist_count')
  if (pragma(database, 'auto_vacuum') === incremental || used * pragma(database, 'page_size') > rebuiltBytes) return
  try {
    database.execute('PRAGMA temp_store = MEMORY; PRAGMA auto_vacuum = INCREMENTAL; VACUUM')
  } catch {
    // A disk without room for it, say: the file stays as it is.
  }
}

type Pragma = 'freelist_count' | 'page_count' | 'page_size' | 'auto_vacuum'

const pragma = (database: Database, name: Pragma): number =>
  database.row<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0
