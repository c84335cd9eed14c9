import type { Reference } from '../../pipeline/reference-key.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText } from '../client/api-failure.ts'
import { Mirror } from '../client/mirror.ts'
import { PauseBetween } from '../client/pause-between.ts'
import { collectionPath, type Resource } from '../client/resource.ts'
import { addressesOf, serviceAddress, type AddressableObject, type AddressBook } from './address-of.ts'
import type { Discovery } from './discovery.ts'

export interface FollowedKindOptions extends Pick<Reference, 'group' | 'version' | 'kind'> {
  readonly client: ApiClient
  readonly discovery: Discovery
  /** `undefined`: all namespaces. */
  readonly namespace: string | undefined
  /** An address that somebody asked for is another one, or is there, or gone. */
  readonly onChange: () => void
}

/** The addresses of the resources of one kind, in one namespace or in all; followed until it is disposed of. */
export class FollowedKind implements AsyncDisposable {
  readonly kind: string
  readonly #options: FollowedKindOptions
  readonly #asked = new Map<string, number>()
  readonly #answered = Promise.withResolvers<void>()
  readonly #ending = new AbortController()
  readonly #following: Promise<void>
  #mirror: Mirror<AddressableObject, AddressBook> | undefined
  #fault: string | undefined

  constructor(options: FollowedKindOptions) {
    this.kind = options.kind
    this.#options = options
    this.#following = this.#follow()
  }

  /** Resolves with the first answer, whatever it is. */
  get settled(): Promise<void> {
    return this.#answered.promise
  }

  /** The addresses of `namespace/name`, of whose changes it tells from now on; `undefined`: there is none, or none is known yet. */
  ask(name: string): AddressBook | undefined {
    this.#asked.set(name, performance.now())
    return this.#mirror?.get(name)
  }

  /** Forgets what nobody asked for since then and nobody needs; answers whether anything is left. */
  forget(since: number, isNeeded: (name: string) => boolean): boolean {
    for (const [name, at] of this.#asked) if (at < since && !isNeeded(name)) this.#asked.delete(name)
    return this.#asked.size > 0
  }

  /** Why nothing can be said of any of them; `undefined`: it can. */
  get fault(): string | undefined {
    return this.#fault ?? (this.#mirror?.isListed === true ? undefined : 'it is being looked for')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#following
  }

  /** First finds out how the kind is called in paths, as often as it takes. */
  async #follow(): Promise<void> {
    const { signal } = this.#ending
    const { discovery, group, version, kind } = this.#options
    const pause = new PauseBetween()
    while (!signal.aborted) {
      try {
        const resource = await discovery.find(group, version, kind)
        if (signal.aborted) return
        await using mirror = this.#mirrorOf(resource)
        this.#mirror = mirror
        await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
      } catch (thrown) {
        this.#fault = failureText(thrown)
        this.#answered.resolve()
        await pause.waitAfter(thrown, signal)
      }
    }
  }

  #mirrorOf(resource: Resource): Mirror<AddressableObject, AddressBook> {
    const read = resource.group === '' && resource.kind === 'Service' ? serviceAddress : addressesOf
    const { client, namespace, onChange } = this.#options
    return new Mirror<AddressableObject, AddressBook>(client, {
      path: collectionPath(resource, namespace),
      project: (object, before) => sameBook(before, read(object)),
      onChange: name => {
        if (this.#asked.has(name)) onChange()
      },
      onList: () => {
        this.#fault = undefined
        this.#answered.resolve()
        onChange()
      },
      onAway: cause => {
        // The known addresses stay; only the first list is missed.
        if (this.#mirror?.isListed !== true) this.#fault = failureText(cause)
        this.#answered.resolve()
      }
    })
  }
}

/** The book from before, where it says the same. */
const sameBook = (before: AddressBook | undefined, now: AddressBook): AddressBook =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now
