import { canaryKind, isCanaryReference } from '../../pipeline/canary-ref.ts'
import { within } from '../../telemetry/within.ts'
import { readReferenceKey, type Reference } from '../../pipeline/reference-key.ts'
import type { ApiClient } from '../client/api-client.ts'
import { Discovery } from './discovery.ts'
import { FollowedKind } from './followed-kind.ts'

/** A resource that nobody asked for during so long, in milliseconds, is forgotten where nobody needs it. */
const forgottenMs = 600_000
const sweepMs = 60_000

export interface AddressesDeps {
  readonly client: ApiClient
  /** Resources are watched in all namespaces at once; `undefined`: in each that a reference names. */
  readonly everywhere: boolean
  /** An address that somebody asked for is another one, or is there, or gone. */
  readonly onChange: () => void
  /** `Kind/namespace/name` of those that are not forgotten, whether somebody asks for them or not. */
  readonly wanted: () => Iterable<string>
}

/**
 * The addresses of Kubernetes Services and of everything that has `status.address.url`. A kind is watched from the first
 * time that a reference to it is asked for until nobody needs any; what is not known yet comes with a call back.
 */
export class Addresses implements AsyncDisposable {
  readonly #deps: AddressesDeps
  readonly #discovery: Discovery
  readonly #kinds = new Map<string, FollowedKind>()
  readonly #ending = new AbortController()
  readonly #forgetting = new Set<Promise<void>>()
  readonly #sweeping: NodeJS.Timeout

  constructor(deps: AddressesDeps) {
    this.#deps = deps
    this.#discovery = new Discovery(deps.client, this.#ending.signal)
    this.#sweeping = setInterval(() => this.forget(performance.now() - forgottenMs), sweepMs)
  }

  /** The URL of a reference by its key; `undefined`: it has none, or none is known yet. */
  get(key: string): string | undefined {
    const written = readReferenceKey(key)
    if (written === undefined || this.#ending.signal.aborted) return undefined
    const reference = behind(written)
    const { namespace, name, address } = reference
    const book = this.#kindOf(reference).ask(`${namespace}/${name}`)
    return book !== undefined && Object.hasOwn(book, address) ? book[address] : undefined
  }

  /** Why a reference has no URL, as a sentence. */
  why(reference: Reference): string {
    const { kind, namespace, name, address } = reference
    const shown = `${kind} ${namespace}/${name}`
    const known = this.#kindOf(reference)
    const book = known.ask(`${namespace}/${name}`)
    if (known.fault !== undefined) return `${shown}: ${known.fault}`
    if (book === undefined) return `${shown}: there is none`
    return address === '' ? `${shown}: it has no address yet` : `${shown}: it has no address called ${address}`
  }

  /** Resolves when every kind that was asked for has answered, or after `ms`. */
  async settled(ms: number): Promise<void> {
    await within(ms, Promise.all(Array.from(this.#kinds.values(), kind => kind.settled)))
  }

  /** Watches no more what nobody has asked for since then, on the clock of `performance.now()`, and nobody needs. */
  forget(since: number): void {
    const wanted = new Set([...this.#deps.wanted()].map(ref => ref.replace(`${canaryKind.kind}/`, 'Service/')))
    for (const [id, followed] of this.#kinds) {
      if (followed.forget(since, name => wanted.has(`${followed.kind}/${name}`))) continue
      this.#kinds.delete(id)
      const ended = followed[Symbol.asyncDispose]().then(() => void this.#forgetting.delete(ended))
      this.#forgetting.add(ended)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    clearInterval(this.#sweeping)
    await Promise.all([...this.#kinds.values()].map(kind => kind[Symbol.asyncDispose]()))
    await Promise.all(this.#forgetting)
  }

  #kindOf({ group, version, kind, namespace: named }: Reference): FollowedKind {
    const { client, everywhere, onChange } = this.#deps
    const namespace = everywhere ? undefined : named
    const id = [group, version, kind, namespace ?? ''].join(' ')
    let known = this.#kinds.get(id)
    if (known === undefined) {
      known = new FollowedKind({ client, discovery: this.#discovery, group, version, kind, namespace, onChange })
      this.#kinds.set(id, known)
    }
    return known
  }
}

/** A canary has the address of its Service. */
const behind = (reference: Reference): Reference =>
  isCanaryReference(reference) ? { ...reference, group: '', version: 'v1', kind: 'Service' } : reference
