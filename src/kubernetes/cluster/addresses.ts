import { readReferenceKey, type Reference } from '../../pipeline/reference-key.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText } from '../client/api-failure.ts'
import { Mirror } from '../client/mirror.ts'
import { PauseBetween } from '../client/pause-between.ts'
import { collectionPath, type Resource } from '../client/resource.ts'
import { addressesOf, serviceAddress, type AddressableObject, type AddressBook } from './address-of.ts'
import { Discovery } from './discovery.ts'

export interface AddressesDeps {
  readonly client: ApiClient
  /** Resources are watched in all namespaces at once; `undefined`: in each that a reference names. */
  readonly everywhere: boolean
  /** An address that somebody asked for is another one, or is there, or gone. */
  readonly onChange: () => void
}

/** The resources of one kind, in one namespace or in all. */
interface Kind {
  /** `undefined`: the API server does not know it, or has not answered yet. */
  mirror: Mirror<AddressableObject, AddressBook> | undefined
  fault: string | undefined
  /** `namespace/name` of those that were asked for. */
  readonly asked: Set<string>
  /** Resolves with the first answer, whatever it is. */
  readonly settled: Promise<void>
}

/**
 * The addresses of Kubernetes Services and of everything that has `status.address.url`. A kind is watched from the first
 * time that a reference to it is asked for; what is not known yet comes with a call back.
 */
export class Addresses implements AsyncDisposable {
  readonly #deps: AddressesDeps
  readonly #discovery: Discovery
  readonly #kinds = new Map<string, Kind>()
  readonly #ending = new AbortController()
  readonly #watching = new Set<Promise<void>>()

  constructor(deps: AddressesDeps) {
    this.#deps = deps
    this.#discovery = new Discovery(deps.client, this.#ending.signal)
  }

  /** The URL of a reference by its key; `undefined`: it has none, or none is known yet. */
  get(key: string): string | undefined {
    const reference = readReferenceKey(key)
    if (reference === undefined || this.#ending.signal.aborted) return undefined
    const { namespace, name, address } = reference
    const kind = this.#kindOf(reference)
    kind.asked.add(`${namespace}/${name}`)
    const book = kind.mirror?.get(`${namespace}/${name}`)
    return book !== undefined && Object.hasOwn(book, address) ? book[address] : undefined
  }

  /** Why a reference has no URL, as a sentence. */
  why(reference: Reference): string {
    const { kind, namespace, name, address } = reference
    const shown = `${kind} ${namespace}/${name}`
    const known = this.#kindOf(reference)
    if (known.fault !== undefined) return `${shown}: ${known.fault}`
    const book = known.mirror?.get(`${namespace}/${name}`)
    if (known.mirror?.isListed !== true) return `${shown}: it is being looked for`
    if (book === undefined) return `${shown}: there is none`
    return address === '' ? `${shown}: it has no address yet` : `${shown}: it has no address called ${address}`
  }

  /** Resolves when every kind that was asked for has answered, or after `ms`. */
  async settled(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    await Promise.race([promise, Promise.all([...this.#kinds.values()].map(kind => kind.settled))])
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#watching)
  }

  #kindOf({ group, version, kind, namespace }: Reference): Kind {
    const scope = this.#deps.everywhere ? undefined : namespace
    const id = [group, version, kind, scope ?? ''].join(' ')
    const known = this.#kinds.get(id)
    if (known !== undefined) return known
    const { promise, resolve } = Promise.withResolvers<void>()
    const made: Kind = { mirror: undefined, fault: undefined, asked: new Set(), settled: promise }
    this.#kinds.set(id, made)
    const watching = this.#watch(made, { group, version, kind }, scope, resolve)
    this.#watching.add(watching)
    return made
  }

  /** Until the end: first finds out how the kind is called in paths, as often as it takes. */
  async #watch(
    made: Kind,
    { group, version, kind }: Pick<Reference, 'group' | 'version' | 'kind'>,
    scope: string | undefined,
    onAnswer: () => void
  ): Promise<void> {
    const { signal } = this.#ending
    const pause = new PauseBetween()
    while (!signal.aborted) {
      try {
        const resource = await this.#discovery.find(group, version, kind)
        if (signal.aborted) return
        await using mirror = this.#follow(made, resource, scope, onAnswer)
        made.mirror = mirror
        await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
      } catch (thrown) {
        made.fault = failureText(thrown)
        onAnswer()
        await pause.wait(signal)
      }
    }
  }

  #follow(made: Kind, resource: Resource, scope: string | undefined, onAnswer: () => void) {
    const read = resource.group === '' && resource.kind === 'Service' ? serviceAddress : addressesOf
    const { client, onChange } = this.#deps
    return new Mirror<AddressableObject, AddressBook>(client, {
      path: collectionPath(resource, scope),
      project: (object, before) => sameBook(before, read(object)),
      onChange: key => {
        if (made.asked.has(key)) onChange()
      },
      onList: () => {
        made.fault = undefined
        onAnswer()
        onChange()
      },
      onAway: cause => {
        // The known addresses stay; only the first list is missed.
        if (made.mirror?.isListed !== true) made.fault = failureText(cause)
        onAnswer()
      }
    })
  }
}

/** The book from before, where it says the same. */
const sameBook = (before: AddressBook | undefined, now: AddressBook): AddressBook =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now
