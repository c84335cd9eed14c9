import type { Documents } from '../ledger.ts'
import type { StoreThread } from './store-thread.ts'

/** The documents of the SQLite ledger. */
export class SqliteDocuments implements Documents {
  readonly #thread: StoreThread

  constructor(thread: StoreThread) {
    this.#thread = thread
  }

  put(kind: string, name: string, text: string): Promise<void> {
    return this.#thread.run('putDocument', { kind, name, text })
  }

  get(kind: string, name: string): Promise<string | undefined> {
    return this.#thread.run('getDocument', { kind, name })
  }

  list(kind: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
    return this.#thread.run('listDocuments', kind)
  }

  remove(kind: string, name: string): Promise<boolean> {
    return this.#thread.run('removeDocument', { kind, name })
  }
}
