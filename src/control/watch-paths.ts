import { watch, type FSWatcher } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Calls back when something happens in one of the folders. Folders are watched, never files: an editor that renames a new
 * file over the old one, and a ConfigMap whose `..data` link moves, change the folder.
 */
export class WatchedFolders implements Disposable {
  readonly #onChange: () => void
  readonly #tell: (reason: string) => void
  #told = false
  readonly #watchers = new Map<string, Watched>()

  /** Tells once, in words for a person, why a folder cannot be watched. */
  constructor(onChange: () => void, tell: (reason: string) => void) {
    this.#onChange = onChange
    this.#tell = tell
  }

  /** Watches the folders of these paths, and of what they lead to; others not any more. */
  async follow(paths: readonly string[]): Promise<void> {
    const folders = new Set<string>()
    for (const path of paths) for (const folder of await foldersOf(path)) folders.add(folder)
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#end(folder)
    for (const folder of folders) await this.#begin(folder)
  }

  [Symbol.dispose](): void {
    for (const folder of this.#watchers.keys()) this.#end(folder)
  }

  async #begin(folder: string): Promise<void> {
    const inode = await stat(folder).then(
      ({ ino }) => ino,
      () => undefined
    )
    // One that was made anew is another folder, of which the old watcher sees nothing.
    if (this.#watchers.get(folder)?.inode === inode && inode !== undefined) return
    this.#end(folder)
    if (inode === undefined) return
    try {
      const watcher = watch(folder, () => this.#onChange())
      // A path that cannot be watched is still looked at from time to time.
      watcher.on('error', cause => this.#fail(folder, cause))
      this.#watchers.set(folder, { inode, watcher })
    } catch (cause) {
      this.#fail(folder, cause)
    }
  }

  #fail(folder: string, cause: unknown): void {
    this.#end(folder)
    const limit = cause instanceof Error && 'code' in cause ? limits.get(String(cause.code)) : undefined
    if (limit === undefined || this.#told) return
    this.#told = true
    this.#tell(`${folder}: ${limit}`)
  }

  #end(folder: string): void {
    this.#watchers.get(folder)?.watcher.close()
    this.#watchers.delete(folder)
  }
}

/** The limits of Linux that keep a folder from being watched, by the code of the error. */
const limits: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'this user watches as many files as it may (fs.inotify.max_user_watches)'],
  ['EMFILE', 'this user has as many watchers or open files as it may (fs.inotify.max_user_instances, ulimit -n)']
])

interface Watched {
  readonly inode: number
  readonly watcher: FSWatcher
}

/** Of a folder: itself; of a file: the one that it is in, and the one that its link leads to. */
async function foldersOf(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    found => found.isDirectory(),
    () => false
  )
  const real = await realpath(path).catch(() => path)
  return isFolder ? [path, real] : [dirname(path), dirname(real)]
}
