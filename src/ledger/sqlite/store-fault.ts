import { fileFaultMessage, isFileFault } from './file-fault.ts'
import { codeName, primaryCode } from './sqlite-code.ts'

/** The store cannot be used: the message says why, and what to do, to whoever runs the gateway. */
export class StoreFault extends Error {
  override readonly name: string = 'StoreFault'
}

/** The file does not hold what was written there: nothing more is accepted into it. */
export class Damage extends StoreFault {
  override readonly name = 'Damage'
}

interface Meaning {
  readonly what: string
  /** The way to help. */
  readonly remedy: string
}

/** The way to help with a damaged store. */
export const recover = 'stop the gateway, then restore a backup, or save what can be read (sqlite3 FILE .recover)'

const anotherStore = 'or name another file (--store sqlite:PATH)'
const ownStore = 'stop it, or give this gateway a store of its own (--store)'

/** The meaning of the primary result codes that say something about the store. */
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [3, { what: 'the store may not be used', remedy: `let this user read and write it, ${anotherStore}` }],
  [5, { what: 'the store is locked by another process', remedy: ownStore }],
  [6, { what: 'the store is locked', remedy: ownStore }],
  [7, { what: 'the store has no memory left', remedy: 'give the gateway more memory' }],
  [8, { what: 'the store may not be written', remedy: `let this user write it and its folder, ${anotherStore}` }],
  [10, { what: 'the disk of the store fails', remedy: "look at the disk, and into the system's log" }],
  [11, { what: 'the store is damaged', remedy: recover }],
  [13, { what: 'the disk of the store is full', remedy: 'make room on it' }],
  [14, { what: 'the store cannot be opened', remedy: `let this user write it and its folder, ${anotherStore}` }],
  [15, { what: 'the store is locked', remedy: ownStore }],
  [26, { what: 'the file of the store is not an SQLite database', remedy: `restore a backup, ${anotherStore}` }]
])

export const isBusy = (error: unknown): boolean => primaryCode(error) === 5

/** Whether the file has lost what was in it. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Damage || primaryCode(error) === 11 || primaryCode(error) === 26

/** The meaning of a failure of the store at the path; `undefined`: the store is well, and the call itself is wrong. */
export function storeFaultMessage(error: unknown, path: string): string | undefined {
  if (error instanceof StoreFault) return error.message
  if (isFileFault(error)) return fileFaultMessage(error, path)
  const meaning = meanings.get(primaryCode(error))
  if (meaning === undefined) return undefined
  return `${meaning.what}: ${path} (${codeName(error)}): ${meaning.remedy}`
}
