import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SluiceError } from '../../errors.ts'
import type { StoreExamination } from '../examine-store.ts'
import { Database } from './database.ts'
import { Holder } from './holder.ts'
import { knownVersion } from './known-version.ts'
import { refuseNetworkFileSystem } from './network-file-system.ts'
import { openDatabase } from './open-database.ts'
import { sqliteDurability } from './sqlite-durability.ts'
import { isBusy, StoreFault, storeFaultMessage } from './store-fault.ts'

/** As `examineStore`, of a file or of memory. */
export function examineSqlite(path: string): StoreExamination {
  const durability = sqliteDurability(path)
  if (path === ':memory:') return { durability, usedBy: undefined }
  try {
    return { durability, usedBy: tryFile(path) }
  } catch (cause) {
    throw new SluiceError('STORE_UNAVAILABLE', storeFaultMessage(cause) ?? String(cause), { cause })
  }
}

function tryFile(path: string): string | undefined {
  refuseNetworkFileSystem(path)
  if (existsSync(path)) return lockForAMoment(path)
  tryBeside(path)
  return undefined
}

/**
 * Takes the lock that a gateway holds, and gives it back: the contents, leases and version of the tables among them, stay
 * as they are. Answers who has the lock, if it is a gateway, which has named itself.
 */
function lockForAMoment(path: string): string | undefined {
  using database = new Database(path)
  try {
    database.execute('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK')
    knownVersion(database)
    return undefined
  } catch (error) {
    if (!isBusy(error)) throw error
    const holder = new Holder(path)
    if (holder.named === undefined) throw new StoreFault(holder.describe(), { cause: error })
    return holder.named
  }
}

/**
 * What a gateway would do to the file is done to another one in the same folder. To make the file itself and remove it
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
