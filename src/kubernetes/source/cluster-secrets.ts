import type { SecretReading } from '../../secrets/secrets.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import type { KubernetesObject } from '../client/object.ts'
import { objectPath } from '../client/resource.ts'
import { lazily } from '../lazily.ts'
import { resources } from '../resources.ts'

/*
 * A Secret is read by its name, since nobody can be given the right to watch those that definitions name and no others.
 * It is read again every few seconds, for as long as somebody asks for it.
 */

/** Between two looks at a Secret, in milliseconds. */
const againMs = 15_000
/** One that is not there is looked for more often. */
const missingMs = 2_000
/** A Secret that nobody asked for during so long is forgotten. */
const forgottenMs = 600_000
/** While the API server does not answer, what it said last holds. */
const tickMs = 1_000
/** Looks that are under way at once. */
const atOnce = 8

interface SecretObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>
}

interface Known {
  data: Readonly<Record<string, string>> | undefined
  /** Why there is none; `undefined`: nobody has answered yet, or there is one. */
  reason: string | undefined
  readAt: number
  askedAt: number
  reading: Promise<void> | undefined
}

export interface ClusterSecretsDeps {
  readonly client: ApiClient
  /** `namespace/name` of those that are not forgotten, whether somebody asks for them or not. */
  readonly wanted: () => Iterable<string>
  /** A Secret says something else than before. */
  readonly onChange: (namespace: string, name: string) => void
}

/** The Secrets that definitions name, and no others. */
export class ClusterSecrets implements AsyncDisposable {
  readonly #deps: ClusterSecretsDeps
  readonly #known = new Map<string, Known>()
  readonly #ticking: NodeJS.Timeout
  readonly #ending = new AbortController()

  constructor(deps: ClusterSecretsDeps) {
    this.#deps = deps
    this.#ticking = setInterval(() => this.#look(), tickMs)
  }

  /** The value of a key now. One that nobody asked for before is missing until the API server has answered. */
  readonly read = (namespace: string, name: string, key: string): SecretReading => {
    const known = this.#find(namespace, name)
    known.askedAt = performance.now()
    if (known.data === undefined) return missing(known.reason ?? `the Secret ${name} is being read`)
    const text = Object.hasOwn(known.data, key) ? known.data[key] : undefined
    if (text === undefined) return missing(`the Secret ${name} has no key ${key}`)
    const decoded = Buffer.from(text, 'base64').toString()
    return decoded.trim() === ''
      ? missing(`the key ${key} of the Secret ${name} is empty`)
      : { kind: 'text', text: decoded }
  }

  /** Resolves when each that was asked for was read once. */
  async settled(): Promise<void> {
    const unknown = [...this.#known.values()].filter(({ data, reason }) => data === undefined && reason === undefined)
    await Promise.all(unknown.flatMap(({ reading }) => reading ?? []))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    clearInterval(this.#ticking)
    await Promise.all([...this.#known.values()].flatMap(({ reading }) => reading ?? []))
  }

  #find(namespace: string, name: string): Known {
    const id = `${namespace}/${name}`
    let known = this.#known.get(id)
    if (known === undefined) {
      known = { data: undefined, reason: undefined, readAt: 0, askedAt: 0, reading: undefined }
      this.#known.set(id, known)
      this.#readNow(id, known)
    }
    return known
  }

  #look(): void {
    const now = performance.now()
    const wanted = lazily(() => new Set(this.#deps.wanted()))
    let under = [...this.#known.values()].filter(({ reading }) => reading !== undefined).length
    for (const [id, known] of this.#known) {
      const isOld = now - known.askedAt > forgottenMs
      if (isOld && wanted().has(id)) known.askedAt = now
      if (isOld && !wanted().has(id)) this.#known.delete(id)
      else if (
        under < atOnce &&
        known.reading === undefined &&
        now - known.readAt > (known.data === undefined ? missingMs : againMs)
      ) {
        under++
        this.#readNow(id, known)
      }
    }
  }

  #readNow(id: string, known: Known): void {
    if (this.#ending.signal.aborted) return
    known.reading = this.#read(id, known).finally(() => {
      known.reading = undefined
      known.readAt = performance.now() + (Math.random() * missingMs) / 2
    })
  }

  async #read(id: string, known: Known): Promise<void> {
    const [namespace, name = ''] = id.split('/')
    try {
      const { data = {} } = await this.#deps.client.call<SecretObject>(
        'GET',
        objectPath(resources.secrets, { namespace, name }),
        { signal: this.#ending.signal }
      )
      this.#learn(id, known, data, undefined)
    } catch (thrown) {
      if (isFailure(thrown, 404)) this.#learn(id, known, undefined, `there is no Secret ${name}`)
      else if (isFailure(thrown, 403)) this.#learn(id, known, undefined, failureText(thrown))
      else if (known.data === undefined) this.#learn(id, known, undefined, failureText(thrown))
    }
  }

  #learn(id: string, known: Known, data: Known['data'], reason: string | undefined): void {
    const isSame = known.reason === reason && JSON.stringify(known.data) === JSON.stringify(data)
    Object.assign(known, { data, reason })
    const [namespace = '', name = ''] = id.split('/')
    if (!isSame) this.#deps.onChange(namespace, name)
  }
}

const missing = (reason: string): SecretReading => ({ kind: 'missing', reason })
