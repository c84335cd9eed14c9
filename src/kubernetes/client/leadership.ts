import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'
import { isFailure } from './api-failure.ts'
import type { KubernetesObject } from './object.ts'
import { collectionPath, objectPath, type ObjectName, type Resource } from './resource.ts'

/*
 * One of several leads, by a Lease. Its version fences: of two who write, the API server refuses the second. Clocks of
 * different machines are never compared: another's Lease is over when it has not changed for its duration, by the clock
 * of whoever looks.
 *
 * - follows: another one holds the Lease; it is looked at again and again
 * - leads:   it is ours, and we renewed it less than `renewDeadlineMs` ago
 */

const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' }

export interface LeadershipOptions extends ObjectName {
  /** Of this process; another one after a restart. */
  readonly identity: string
  readonly onLead: () => void
  /** From here on another one may lead. */
  readonly onLost: (reason: string) => void
  /** It cannot be asked who leads. */
  readonly onFault: (cause: unknown) => void
  readonly times?: LeaseTimes
}

export interface LeaseTimes {
  readonly durationSeconds: number
  /** A leader that could not renew for this long does not lead any more: less than the duration. */
  readonly renewDeadlineMs: number
  readonly retryMs: number
}

/** As the controllers of Kubernetes have them. */
const usual: LeaseTimes = { durationSeconds: 15, renewDeadlineMs: 10_000, retryMs: 2_000 }

interface Lease extends KubernetesObject {
  readonly spec: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly renewTime?: string
    readonly acquireTime?: string
    readonly leaseTransitions?: number
  }
}

/** Takes part in the election until it is disposed; then it gives the Lease back. */
export class Leadership implements AsyncDisposable {
  readonly #client: ApiClient
  readonly #options: LeadershipOptions
  readonly #times: LeaseTimes
  readonly #ending = new AbortController()
  readonly #electing: Promise<void>
  #seen: { readonly lease: Lease; readonly at: number } | undefined
  #renewedAt = -Infinity
  #leads = false

  constructor(client: ApiClient, options: LeadershipOptions) {
    this.#client = client
    this.#options = options
    this.#times = options.times ?? usual
    this.#electing = this.#elect()
  }

  /** Looked at before each write: a process that stood still for a while does not lead any more. */
  get leads(): boolean {
    return this.#leads && performance.now() - this.#renewedAt < this.#times.renewDeadlineMs
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#electing
    const { leads } = this
    this.#leads = false
    if (leads) await this.#giveBack().catch(() => {})
  }

  async #elect(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      try {
        await this.#tryOnce()
      } catch (thrown) {
        if (!isFailure(thrown, 409)) this.#options.onFault(thrown)
      }
      if (this.#leads && !this.leads) this.#lose('it could not renew its Lease in time')
      const jitter = 1 + Math.random() / 5
      await delay(this.#times.retryMs * jitter, undefined, { signal }).catch(() => {})
    }
  }

  async #tryOnce(): Promise<void> {
    const { identity } = this.#options
    const lease = await this.#read()
    const startedAt = performance.now()
    if (lease === undefined) return this.#won(await this.#create(), startedAt)
    const isKnown = this.#seen?.lease.metadata.resourceVersion === lease.metadata.resourceVersion
    const seen = (isKnown ? this.#seen : undefined) ?? { lease, at: startedAt }
    this.#seen = seen
    const { holderIdentity: holder = '', leaseDurationSeconds = this.#times.durationSeconds } = lease.spec
    const isOver = startedAt >= seen.at + leaseDurationSeconds * 1000
    if (holder !== identity && holder !== '' && !isOver) {
      if (this.#leads) this.#lose(`${holder} leads`)
      return
    }
    this.#won(await this.#replace(lease, this.#specOf(lease)), startedAt)
  }

  #won(lease: Lease, startedAt: number): void {
    this.#seen = { lease, at: performance.now() }
    // From when it was sent: what the answer took counts against it.
    this.#renewedAt = startedAt
    if (this.#leads) return
    this.#leads = true
    this.#options.onLead()
  }

  #lose(reason: string): void {
    this.#leads = false
    this.#options.onLost(reason)
  }

  #specOf({ spec }: Lease): Lease['spec'] {
    const now = micro(Date.now())
    const isOurs = spec.holderIdentity === this.#options.identity
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#times.durationSeconds,
      // It must change: a write that changes nothing fences nobody.
      renewTime: now,
      acquireTime: isOurs ? (spec.acquireTime ?? now) : now,
      leaseTransitions: (spec.leaseTransitions ?? 0) + (isOurs ? 0 : 1)
    }
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#client.call<Lease>('GET', objectPath(leases, this.#options), { timeoutMs: this.#callMs })
    } catch (thrown) {
      if (isFailure(thrown, 404)) return undefined
      throw thrown
    }
  }

  #create(): Promise<Lease> {
    const { namespace, name } = this.#options
    const spec = this.#specOf({ metadata: { name }, spec: {} })
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec }
    return this.#client.call('POST', collectionPath(leases, namespace), { body, timeoutMs: this.#callMs })
  }

  #replace(lease: Lease, spec: Lease['spec']): Promise<Lease> {
    const { name, namespace, resourceVersion } = lease.metadata
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, resourceVersion },
      spec
    }
    return this.#client.call('PUT', objectPath(leases, this.#options), { body, timeoutMs: this.#callMs })
  }

  /** The next one need not wait for its end. */
  async #giveBack(): Promise<void> {
    const lease = this.#seen?.lease
    if (lease === undefined) return
    await this.#replace(lease, { ...this.#specOf(lease), holderIdentity: '', leaseDurationSeconds: 1 })
  }

  get #callMs(): number {
    return this.#times.renewDeadlineMs / 2
  }
}

/** Kubernetes wants microseconds there. */
const micro = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
