/** The store cannot be used: the message says why, and what to do, to whoever runs the gateway. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

/** SQLite's primary result codes that say something about the store, not about the statement. */
const meanings: ReadonlyMap<number, string> = new Map([
  [5, 'the store is locked by another process'],
  [6, 'the store is locked'],
  [7, 'the store has no memory left'],
  [8, 'the store may not be written'],
  [10, 'the disk of the store fails'],
  [11, 'the store is damaged'],
  [13, 'the disk of the store is full'],
  [14, 'the store cannot be opened'],
  [15, 'the store is locked'],
  [26, 'the file of the store is not an SQLite database']
])

/** The primary code is the low octet; the rest tells details, such as which call failed. */
const primaryCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0

export const isBusy = (error: unknown): boolean => primaryCode(error) === 5

/** What a failure of the store means; `undefined`: the store is well, and the call itself is wrong. */
export function storeFaultMessage(error: unknown): string | undefined {
  if (error instanceof StoreFault) return error.message
  if (error instanceof Error && 'syscall' in error) return error.message
  return meanings.get(primaryCode(error))
}
