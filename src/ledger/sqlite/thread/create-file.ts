import { closeSync, openSync, statSync } from 'node:fs'
import { StoreFault } from '../store-fault.ts'

/**
 * Makes the file of the store, for its owner only, unless it is there already; answers whether there is nothing in it.
 * SQLite gives its log the mode of the file. A file that is there is not opened: to close it again would give up the
 * locks that this process has on it.
 */
export function createFile(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > 0) return false
  const log = `${path}-wal`
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new StoreFault(
      `${path} is gone, or empty, but its log is there with what was accepted: ${log}; put the file back, or move the log away to begin anew`
    )
  }
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return true
}
