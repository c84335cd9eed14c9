import type { Documents } from '../documents.ts'
import type { StoreCalls } from './operation-queue.ts'

/** The documents of the SQLite ledger. */
export class SqliteDocuments implements Documents {
  readonly #calls: StoreCalls

  constructor(calls: StoreCalls) {
    this.#calls = calls
  }

  put(kind: string, name: string, text: string): Promise<void> {
    return this.#calls.run('putDocument', { kind, name, text })
  }

  add(kind: string, name: string, text: string): Promise<string> {
    return this.#calls.run('addDocument', { kind, name, text })
  }

  get(kind: string, name: string): Promise<string | undefined> {
    return this.#calls.run('getDocument', { kind, name })
  }

  list(kind: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
    return this.#calls.run('listDocuments', kind)
  }

  remove(kind: string, name: string): Promise<boolean> {
    return this.#calls.run('removeDocument', { kind, name })
  }
}
