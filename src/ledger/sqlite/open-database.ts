import { statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Database } from './database.ts'
import { Holder } from './holder.ts'
import { migrations, schema, schemaVersion } from './schema.ts'
import { isBusy, StoreFault } from './store-fault.ts'

/** File systems on which neither locks nor fsync can be relied on, by the type that statfs(2) gives. */
const networkFileSystems = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P']
])

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

function refuseNetworkFileSystem(path: string): void {
  const name = networkFileSystems.get(statfsSync(dirname(resolve(path))).type >>> 0)
  if (name === undefined) return
  throw new StoreFault(
    `${path} is on a network file system (${name}), where SQLite is not safe: use a local disk, or Redis`
  )
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
  const version = database.row<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
  if (version === schemaVersion) return
  if (version > schemaVersion) {
    throw new StoreFault(
      `${database.path} was written by a newer Sluice (schema ${version}; this one knows ${schemaVersion}): run that one`
    )
  }
  const changes =
    version === 0 ? schema : [...migrations].map(([from, change]) => (from >= version ? change : '')).join('')
  database.execute(`BEGIN IMMEDIATE; ${changes} PRAGMA user_version = ${schemaVersion}; COMMIT`)
}
