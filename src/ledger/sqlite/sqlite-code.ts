/** Primary result codes of SQLite that say something about the store, not about the statement. */
const primaryNames: ReadonlyMap<number, string> = new Map([
  [3, 'PERM'],
  [5, 'BUSY'],
  [6, 'LOCKED'],
  [7, 'NOMEM'],
  [8, 'READONLY'],
  [10, 'IOERR'],
  [11, 'CORRUPT'],
  [13, 'FULL'],
  [14, 'CANTOPEN'],
  [15, 'PROTOCOL'],
  [26, 'NOTADB']
])

/** The words that the octets above a primary code add to its name, in their order from 1 on. */
const details: ReadonlyMap<number, string> = new Map([
  [5, 'RECOVERY SNAPSHOT TIMEOUT'],
  [8, 'RECOVERY CANTLOCK ROLLBACK DBMOVED CANTINIT DIRECTORY'],
  [
    10,
    `READ SHORT_READ WRITE FSYNC DIR_FSYNC TRUNCATE FSTAT UNLOCK RDLOCK DELETE BLOCKED NOMEM ACCESS CHECKRESERVEDLOCK LOCK
     CLOSE DIR_CLOSE SHMOPEN SHMSIZE SHMLOCK SHMMAP SEEK DELETE_NOENT MMAP GETTEMPPATH CONVPATH VNODE AUTH BEGIN_ATOMIC
     COMMIT_ATOMIC ROLLBACK_ATOMIC DATA CORRUPTFS`
  ],
  [11, 'VTAB SEQUENCE INDEX'],
  [14, 'NOTEMPDIR ISDIR FULLPATH CONVPATH DIRTYWAL SYMLINK']
])

/** The result code of an error of SQLite, with all its octets; 0: the error is another one. */
const codeOf = (error: unknown): number => (error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0)

/** The low octet of the code, which says what kind of failure it is. */
export const primaryCode = (error: unknown): number => codeOf(error) & 0xff

/** `SQLITE_IOERR_FSYNC`. */
export function codeName(error: unknown): string {
  const primary = primaryCode(error)
  const detail = details.get(primary)?.split(/\s+/)[(codeOf(error) >> 8) - 1]
  return ['SQLITE', primaryNames.get(primary) ?? primary, ...(detail === undefined ? [] : [detail])].join('_')
}
