import { createRequestId } from '../event/request-id.ts'
import type { Documents } from '../ledger/documents.ts'

/** A value as it stands in the store, and which of its versions that is. */
export type Versioned<T> = T & { readonly version: number }

/**
 * Values that several replicas change. Each version is a document of its own, called `NAME@VERSION`: `add` refuses one
 * that is there already, so that of two replicas who decide at the same time one is first.
 */
export class KeptVersions<T extends object> {
  readonly #documents: Documents
  readonly #kind: string
  /** The versions that were read, by the names of their documents. */
  readonly #parsed = new Map<string, { readonly text: string; readonly kept: Versioned<T> }>()

  constructor(documents: Documents, kind: string) {
    this.#documents = documents
    this.#kind = kind
  }

  /** The newest version of each name, the same object while it is the same; those before it go. */
  async read(): Promise<Map<string, Versioned<T>>> {
    const newest = new Map<string, Versioned<T>>()
    const documents = await this.#documents.list(this.#kind)
    const there = new Set(documents.map(({ name }) => name))
    for (const document of this.#parsed.keys()) if (!there.has(document)) this.#parsed.delete(document)
    for (const { name: document, text } of documents) {
      const { name, version } = partsOf(document)
      const known = newest.get(name)
      if (known === undefined || known.version < version) newest.set(name, this.#parse(document, text, version))
      if (known !== undefined) await this.remove(name, Math.min(known.version, version))
    }
    return newest
  }

  /**
   * Writes the version after `before`; false: somebody else was quicker. `mayBeOld` says whether others may have written
   * several versions since `before` was read, and removed this number again.
   */
  async write(
    name: string,
    before: number | undefined,
    value: T,
    mayBeOld: () => Promise<boolean> = () => Promise.resolve(true)
  ): Promise<boolean> {
    const version = (before ?? 0) + 1
    const text = JSON.stringify({ ...value, mark: createRequestId() })
    if ((await this.#documents.add(this.#kind, `${name}@${version}`, text)) !== text) return false
    if ((await mayBeOld()) && (await this.#lastVersion(name)) > version) {
      await this.remove(name, version)
      return false
    }
    if (before !== undefined) await this.remove(name, before)
    return true
  }

  async remove(name: string, version: number): Promise<void> {
    await this.#documents.remove(this.#kind, `${name}@${version}`)
  }

  async #lastVersion(name: string): Promise<number> {
    const parts = (await this.#documents.list(this.#kind)).map(({ name: document }) => partsOf(document))
    return Math.max(0, ...parts.filter(part => part.name === name).map(({ version }) => version))
  }

  /** Most are as they were the last time. */
  #parse(document: string, text: string, version: number): Versioned<T> {
    const known = this.#parsed.get(document)
    if (known?.text === text) return known.kept
    // Only this class writes documents of its kind.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const kept = { ...(JSON.parse(text) as T), version }
    this.#parsed.set(document, { text, kept })
    return kept
  }
}

function partsOf(document: string): { name: string; version: number } {
  const at = document.lastIndexOf('@')
  return { name: document.slice(0, at), version: Number(document.slice(at + 1)) }
}
