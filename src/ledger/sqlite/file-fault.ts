import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'

/** A call of the system that failed. */
type FileFault = NodeJS.ErrnoException

export const isFileFault = (error: unknown): error is FileFault => error instanceof Error && 'syscall' in error

const anotherFile = 'or name another file (--store sqlite:PATH)'

/** The meaning of a failed system call for the store at the path, and the way to help. */
export function fileFaultMessage({ code = '', errno = 0 }: FileFault, path: string): string {
  const folder = dirname(resolve(path))
  const told = `(${code}: ${getSystemErrorMessage(errno)})`
  switch (code) {
    case 'ENOENT':
      return `the folder of the store is not there: ${folder} ${told}: make it, ${anotherFile}`
    case 'EACCES':
    case 'EPERM':
      return `the store may not be made or written: ${resolve(path)} ${told}${ownership(folder)}: let this user write there, ${anotherFile}`
    case 'EROFS':
      return `the store is on a read-only file system: ${resolve(path)} ${told}: mount a volume there that can be written, ${anotherFile}`
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk of the store is full: ${resolve(path)} ${told}: make room on it`
    case 'ENOTDIR':
    case 'EISDIR':
      return `the store is not a file in a folder: ${resolve(path)} ${told}: name a file (--store sqlite:PATH)`
    default:
      return `the store cannot be opened: ${resolve(path)} ${told}`
  }
}

/** The owner of the folder, and the user who wants to write there. */
function ownership(folder: string): string {
  const user = process.getuid?.()
  if (user === undefined) return ''
  const { uid, mode } = statSync(folder)
  return `; this is user ${user}, and ${folder} belongs to user ${uid}, mode ${(mode & 0o7777).toString(8)}`
}
