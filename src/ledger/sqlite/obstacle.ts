import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { refuseNetworkFileSystem } from './network-file-system.ts'
import { StoreFault, storeFaultMessage } from './store-fault.ts'

/**
 * Why the file of the store cannot be opened or made now, as far as that shows without doing it; `undefined`: nothing
 * is known.
 */
export function sqliteObstacle(path: string): string | undefined {
  try {
    if (path !== ':memory:') refuseObstacle(path)
    return undefined
  } catch (error) {
    return storeFaultMessage(error, path) ?? String(error)
  }
}

/** Throws when the file cannot be opened, or made when it is not there. */
export function refuseObstacle(path: string): void {
  const folder = dirname(resolve(path))
  const { R_OK, W_OK, X_OK } = constants
  // For `ENOENT`, which `access` gives no other meaning.
  statSync(folder)
  accessSync(folder, W_OK | X_OK)
  refuseNetworkFileSystem(path)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isFile()) throw new StoreFault(`${resolve(path)} is not a file: name one (--store sqlite:PATH)`)
  accessSync(path, R_OK | W_OK)
}
