import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/**
 * The file beside the database that names the process which uses it. It is there for people only: what keeps others out
 * is the database's own lock, since a process id can be a former one, or one of another container.
 */
export class LockFile implements Disposable {
  readonly #path: string
  readonly #file: string

  constructor(path: string) {
    this.#path = path
    this.#file = `${path}.lock`
  }

  /** Names this process. A disk that is full already must not keep a gateway from starting. */
  take(): void {
    ignoreFailure(() => writeFileSync(this.#file, `${process.pid}\n`, { mode: 0o600 }))
  }

  /** A process uses the database, or was killed while it did. */
  get isThere(): boolean {
    return existsSync(this.#file)
  }

  /** The process that has named itself: `process 4711`. */
  get named(): string | undefined {
    let pid = ''
    ignoreFailure(() => (pid = readFileSync(this.#file, 'utf8').trim()))
    return pid === '' ? undefined : `process ${pid}`
  }

  /** Why the database cannot be opened. */
  describe(): string {
    return `${this.#path} is in use by ${this.named ?? 'another process'}: stop it, or give this gateway a store of its own (--store)`
  }

  [Symbol.dispose](): void {
    ignoreFailure(() => rmSync(this.#file, { force: true }))
  }
}

function ignoreFailure(action: () => void): void {
  try {
    action()
  } catch {
    // The file is only a hint.
  }
}
