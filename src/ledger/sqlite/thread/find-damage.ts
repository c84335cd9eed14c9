import type { Database } from './database.ts'
import { codeName, primaryCode } from '../sqlite-code.ts'
import { Damage, recover } from '../store-fault.ts'

/**
 * The tables that are looked at: everything, or only what the queue stands on, which is little whatever the requests
 * carry.
 */
export type Extent = 'all' | 'queue'

const checks: Readonly<Record<Extent, readonly string[]>> = {
  all: ['PRAGMA quick_check(1)'],
  queue: ["PRAGMA quick_check('requests')", "PRAGMA quick_check('dead_letters')"]
}

/** Throws when something in the file is not what it has to be. */
export function refuseDamage(database: Database, extent: Extent): void {
  for (const check of checks[extent]) {
    const finding = firstFinding(database, check)
    if (finding === 'ok') continue
    throw new Damage(
      `the store is damaged: ${database.path} (SQLITE_CORRUPT: ${finding.split('\n').at(-1)}): ${recover}`
    )
  }
}

function firstFinding(database: Database, check: string): string {
  try {
    return database.row<{ quick_check: string }>(check)?.quick_check ?? 'ok'
  } catch (error) {
    if (primaryCode(error) !== 11) throw error
    return codeName(error)
  }
}
