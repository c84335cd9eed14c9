import type { Database } from './database.ts'
import { applicationId, schemaVersion } from './schema.ts'
import { StoreFault } from '../store-fault.ts'

/** Tables that every version has had. */
const ownTables = ['pipelines', 'requests', 'contents', 'deduplication', 'dead_letters']

/** Of a foreign database, so many tables are named. */
const namedTables = 3

/**
 * The version of the tables in the database, 0 without any. Throws when a newer Sluice wrote it, or when it is that of
 * another application, which must not find tables of ours in it.
 */
export function knownVersion(database: Database): number {
  const application = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  const tables = database
    .rows<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .map(({ name }) => name)
  if (!isOurs(application, version, tables)) throw new StoreFault(foreignText(database.path, tables))
  if (version <= schemaVersion) return version
  throw new StoreFault(
    `${database.path} was written by a newer Sluice (schema ${version}; this one knows ${schemaVersion}): run that one`
  )
}

/** The first versions did not write whose the file is. */
function isOurs(application: number, version: number, tables: readonly string[]): boolean {
  if (application !== 0) return application === applicationId
  if (tables.length === 0) return version === 0 || version > schemaVersion
  return version > 0 && ownTables.every(name => tables.includes(name))
}

function foreignText(path: string, tables: readonly string[]): string {
  const more = tables.length > namedTables ? ', …' : ''
  const named = tables.length === 0 ? '' : ` (its tables: ${tables.slice(0, namedTables).join(', ')}${more})`
  return `${path} is the database of another application${named}: name another file (--store sqlite:PATH)`
}

const pragma = (database: Database, name: 'application_id' | 'user_version'): number =>
  database.row<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0
