import { Database } from './database.ts'
import { Holder } from './holder.ts'
import { knownVersion } from './known-version.ts'
import { refuseNetworkFileSystem } from './network-file-system.ts'
import { migrations, schema, schemaVersion } from './schema.ts'
import { isBusy, StoreFault } from './store-fault.ts'

/**
 * The database of the path, which no other process can open meanwhile, with its tables. EXCLUSIVE makes SQLite hold its
 * lock until the connection is closed: the kernel gives it up when the process dies, so it is never stale.
 */
export function openDatabase(path: string): Database {
  if (path !== ':memory:') refuseNetworkFileSystem(path)
  const database = new Database(path)
  try {
    if (!database.inMemory) claimFile(database)
    migrate(database)
    return database
  } catch (error) {
    database[Symbol.dispose]()
    throw error
  }
}

/**
 * A write transaction takes the lock, which EXCLUSIVE keeps. 32 MB of pages in memory; 32 MB of log between checkpoints,
 * 64 MB kept at most. With pages of 8 KB in place of 4 a lone commit takes longer (4 % of a stored request whose caller
 * waits), and what is accepted and run under load is up to a tenth faster.
 */
function claimFile(database: Database): void {
  try {
    database.execute('PRAGMA locking_mode = EXCLUSIVE')
    database.execute('PRAGMA page_size = 4096')
    database.execute('PRAGMA journal_mode = WAL')
    database.execute('PRAGMA synchronous = FULL')
    database.execute('PRAGMA wal_autocheckpoint = 8192')
    database.execute('PRAGMA cache_size = -32768')
    database.execute('PRAGMA journal_size_limit = 67108864')
    database.execute('BEGIN IMMEDIATE; COMMIT')
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new StoreFault(new Holder(database.path).describe(), { cause: error })
  }
}

function migrate(database: Database): void {
  const version = knownVersion(database)
  if (version === schemaVersion) return
  const changes =
    version === 0 ? schema : [...migrations].map(([from, change]) => (from >= version ? change : '')).join('')
  database.execute(`BEGIN IMMEDIATE; ${changes} PRAGMA user_version = ${schemaVersion}; COMMIT`)
}
