import type { ApiClient, Query } from './api-client.ts'
import { objectKey, type KubernetesObject } from './object.ts'
import { watchForever } from './watch-forever.ts'

export interface MirrorOptions<T, V> {
  readonly path: string
  readonly query?: Query
  /** Makes of an object what is kept of it; the value that was kept before it, where nothing of interest has changed. */
  readonly project: (object: T, before: V | undefined) => V
  /** A value is another one, or gone; not called for the first list. */
  readonly onChange?: (key: string, value: V | undefined, before: V | undefined) => void
  /** The first list is here, or a later one took the place of what was. */
  readonly onList?: () => void
  /** The API server cannot be asked; it is tried again. */
  readonly onAway?: (cause: unknown) => void
  /** It says what changes from here on. */
  readonly onConnected?: () => void
}

/** The objects of a path as they are now, by `namespace/name`: kept through whatever becomes of the API server. */
export class Mirror<T extends KubernetesObject, V> implements AsyncDisposable {
  readonly #values = new Map<string, V>()
  readonly #ending = new AbortController()
  readonly #options: MirrorOptions<T, V>
  readonly #first = Promise.withResolvers<void>()
  readonly #watching: Promise<void>
  #away: unknown
  #isListed = false

  constructor(client: ApiClient, options: MirrorOptions<T, V>) {
    this.#options = options
    this.#first.promise.catch(() => {})
    this.#watching = watchForever<T, readonly [string, V]>(client, {
      path: options.path,
      ...(options.query !== undefined && { query: options.query }),
      project: object => {
        const key = objectKey(object)
        return [key, options.project(object, this.#values.get(key))]
      },
      onList: items => this.#replace(items),
      onChange: (type, [key, value]) => (type === 'DELETED' ? this.#drop(key) : this.#set(key, value)),
      onAway: cause => {
        this.#away = cause
        options.onAway?.(cause)
      },
      onConnected: () => {
        this.#away = undefined
        options.onConnected?.()
      },
      signal: this.#ending.signal
    })
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  get values(): Iterable<V> {
    return this.#values.values()
  }

  get entries(): Iterable<[string, V]> {
    return this.#values.entries()
  }

  /** Why the API server cannot be asked now; `undefined`: it can. The mirror keeps the last answer. */
  get away(): unknown {
    return this.#away
  }

  /** Whether there was a list. */
  get isListed(): boolean {
    return this.#isListed
  }

  /** Resolves with the first list. */
  get listed(): Promise<void> {
    return this.#first.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    this.#first.reject(new Error('the watch was ended'))
    await this.#watching
  }

  #replace(items: readonly (readonly [string, V])[]): void {
    const wasListed = this.#isListed
    const there = new Set(items.map(([key]) => key))
    for (const [key, value] of items) {
      if (wasListed) this.#set(key, value)
      else this.#values.set(key, value)
    }
    for (const key of this.#values.keys()) if (!there.has(key)) this.#drop(key)
    this.#away = undefined
    this.#isListed = true
    this.#first.resolve()
    this.#options.onList?.()
  }

  #set(key: string, value: V): void {
    const before = this.#values.get(key)
    this.#values.set(key, value)
    if (before !== value) this.#options.onChange?.(key, value, before)
  }

  #drop(key: string): void {
    const before = this.#values.get(key)
    if (!this.#values.delete(key)) return
    this.#options.onChange?.(key, undefined, before)
  }
}
