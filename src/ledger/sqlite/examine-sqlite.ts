import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SluiceError } from '../../errors.ts'
import type { StoreExamination } from '../durability.ts'
import { Database } from './thread/database.ts'
import { refuseDamage } from './thread/find-damage.ts'
import { LockFile } from './thread/lock-file.ts'
import { knownVersion } from './thread/known-version.ts'
import { lostLog } from './thread/lost-log.ts'
import { refuseObstacle } from './obstacle.ts'
import { openDatabase } from './thread/open-database.ts'
import { sqliteDurability } from './sqlite-durability.ts'
import { isBusy, StoreFault, storeFaultMessage } from './store-fault.ts'

/** As `examineStore`, of a file or of memory. */
export function examineSqlite(path: string): StoreExamination {
  if (path === ':memory:') return { durability: sqliteDurability(path), usedBy: undefined }
  try {
    const lost = lostLog(path)
    const usedBy = tryFile(path)
    return { durability: sqliteDurability(path, lost === undefined ? [] : [lost]), usedBy }
  } catch (cause) {
    throw new SluiceError('STORE_UNAVAILABLE', storeFaultMessage(cause, path) ?? String(cause), { cause })
  }
}

function tryFile(path: string): string | undefined {
  refuseObstacle(path)
  if (existsSync(path)) return lockForAMoment(path)
  tryBeside(path)
  return undefined
}

/**
 * Takes the lock that a gateway holds, looks the file through, and gives the lock back: the contents, leases and
 * version of the tables among them, stay as they are. Answers who has the lock, if it is a gateway, which has named
 * itself.
 */
function lockForAMoment(path: string): string | undefined {
  const hasLog = existsSync(`${path}-wal`)
  const holder = new LockFile(path)
  using database = new Database(path)
  try {
    database.execute('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK')
    knownVersion(database)
    refuseDamage(database, 'all')
    // The log of a gateway that was killed goes into the file as this ends: without its name nobody will miss it.
    if (hasLog) holder[Symbol.dispose]()
    return undefined
  } catch (error) {
    if (!isBusy(error)) throw error
    if (holder.named === undefined) throw new StoreFault(holder.describe(), { cause: error })
    return holder.named
  }
}

/**
 * The work of a gateway on the file is done to another one in the same folder. To make the file itself and remove it
 * would take it from a gateway that opens it in between.
 */
function tryBeside(path: string): void {
  const folder = mkdtempSync(join(dirname(resolve(path)), '.sluice-doctor-'))
  try {
    openDatabase(join(folder, 'sluice.db'))[Symbol.dispose]()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
