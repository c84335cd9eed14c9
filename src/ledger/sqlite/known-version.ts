import type { Database } from './database.ts'
import { schemaVersion } from './schema.ts'
import { StoreFault } from './store-fault.ts'

/** The version of the tables in the database, 0 without any. Throws when a newer Sluice wrote it. */
export function knownVersion(database: Database): number {
  const version = database.row<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
  if (version <= schemaVersion) return version
  throw new StoreFault(
    `${database.path} was written by a newer Sluice (schema ${version}; this one knows ${schemaVersion}): run that one`
  )
}
