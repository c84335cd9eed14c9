import { readFileSync, statSync } from 'node:fs'

/** Gives what a file says, read again when it has changed; `otherwise` where there is none. */
export function fileOnDisk<T>(path: string, read: (text: string) => T, otherwise: T): () => T {
  let version = ''
  let value = otherwise
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false })
    const current = stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
    if (current === version) return value
    value = stat === undefined ? otherwise : read(readFileSync(path, 'utf8'))
    version = current
    return value
  }
}
