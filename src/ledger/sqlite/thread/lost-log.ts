import { existsSync } from 'node:fs'
import { LockFile } from './lock-file.ts'

/**
 * The log that is missing beside the file of a gateway that was killed: it leaves its log, and the file that names it.
 * `undefined`: nothing is. Only the one who opens the store for the first time can tell.
 */
export function lostLog(path: string): string | undefined {
  const log = `${path}-wal`
  const holder = new LockFile(path)
  if (!existsSync(path) || existsSync(log) || !holder.isThere) return undefined
  return (
    `the log of the store is missing: ${log}, although ${holder.named ?? 'the process'} was killed that used it; ` +
    'what was accepted last is lost, unless another program (sqlite3, say) has moved the log into the file'
  )
}
