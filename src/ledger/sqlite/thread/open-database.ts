import { statSync } from 'node:fs'
import { createFile } from './create-file.ts'
import { Database } from './database.ts'
import { refuseDamage } from './find-damage.ts'
import { LockFile } from './lock-file.ts'
import { knownVersion } from './known-version.ts'
import { refuseObstacle } from '../obstacle.ts'
import { applicationId, migrations, schema, schemaVersion } from './schema.ts'
import { letShrink } from './shrink.ts'
import { isBusy, StoreFault } from '../store-fault.ts'

/** A file up to this size is looked through as it is opened: half a second of work at most. */
const smallBytes = 256 * 1024 * 1024

/**
 * The database of the path, which no other process can open meanwhile, with its tables. EXCLUSIVE makes SQLite hold its
 * lock until the connection is closed: the kernel gives it up when the process dies, so it is never stale.
 */
export function openDatabase(path: string): Database {
  const isNew = path === ':memory:' || prepareFile(path)
  const database = new Database(path)
  try {
    // Only a database without pages can become one that gives its free pages back.
    if (isNew) database.execute('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA page_size = 4096')
    if (!database.inMemory) claimFile(database)
    const version = knownVersion(database)
    if (!isNew) refuseDamage(database, statSync(path).size <= smallBytes ? 'all' : 'queue')
    if (!database.inMemory) setUp(database)
    migrate(database, version)
    if (!isNew) letShrink(database)
    return database
  } catch (error) {
    database[Symbol.dispose]()
    throw error
  }
}

/** Answers whether there is nothing in the file. */
function prepareFile(path: string): boolean {
  refuseObstacle(path)
  return createFile(path)
}

/** A write transaction takes the lock, which EXCLUSIVE keeps; nothing in the file changes by that. */
function claimFile(database: Database): void {
  try {
    database.execute('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK')
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new StoreFault(new LockFile(database.path).describe(), { cause: error })
  }
}

/**
 * 32 MB of pages in memory; 32 MB of log between checkpoints, 64 MB kept at most. With pages of 8 KB in place of 4 a
 * lone commit takes longer (4 % of a stored request whose caller waits), and what is accepted and run under load is up
 * to a tenth faster.
 */
function setUp(database: Database): void {
  database.execute('PRAGMA journal_mode = WAL')
  database.execute('PRAGMA synchronous = FULL')
  database.execute('PRAGMA wal_autocheckpoint = 8192')
  database.execute('PRAGMA cache_size = -32768')
  database.execute('PRAGMA journal_size_limit = 67108864')
  // Makes the log, which is there from now on for as long as the database is open.
  database.execute('BEGIN IMMEDIATE; COMMIT')
}

function migrate(database: Database, version: number): void {
  if (version === schemaVersion) return
  const changes =
    version === 0 ? schema : [...migrations].map(([from, change]) => (from >= version ? change : '')).join('')
  database.execute(
    `BEGIN IMMEDIATE; ${changes}
     PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`
  )
}
