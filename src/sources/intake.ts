import { SluiceError } from '../errors.ts'
import { createRequestId } from '../event/request-id.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { NewRequest } from '../ledger/record/new-request.ts'
import { sourceHeader } from '../pipeline/origin.ts'
import { rootPath } from '../pipeline/paths.ts'
import type { Plan } from '../pipeline/plan.ts'
import { createRequest } from '../stored/create-request.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { noopSpan } from '../telemetry/tracing.ts'
import { partsOf, type Poison } from './entry-parts.ts'
import type { Entry, EntryIntake, SourcePlace } from './source.ts'
import { waitFor } from '../delivery/wait.ts'

export interface IntakeDeps {
  /** Rejects with STORE_UNAVAILABLE. */
  readonly ledger: () => Promise<Pick<Ledger, 'accept' | 'settle'>>
  /** The generation that takes requests now; `undefined`: none does. */
  readonly serving: () => { readonly plan: Plan; readonly generation: number } | undefined
  readonly metrics: Pick<Metrics, 'deadLettered'>
  /** Names this process in claims. */
  readonly owner: string
}

/** How long a queue is left alone that is full, or a store that is away, in milliseconds. */
const fullMs = 200

/** A claim that is settled at once. */
const leaseMs = 10_000

/** Accepts entries as stored requests of their pipeline; an entry that is not an event becomes a dead letter. */
export class StoredIntake implements EntryIntake {
  readonly #place: SourcePlace
  readonly #deps: IntakeDeps

  constructor(place: SourcePlace, deps: IntakeDeps) {
    this.#place = place
    this.#deps = deps
  }

  async accept(entries: readonly Entry[], signal: AbortSignal): Promise<boolean> {
    for (const part of partsOf(entries)) {
      if (signal.aborted) return false
      const taken =
        part.kind === 'poison' ? await this.#bury(part.entry, signal) : await this.#take(part.events, signal)
      if (!taken) return false
    }
    return true
  }

  /** In order: where there is no room for all of them, for the first half, and so on. */
  async #take(events: readonly CloudEvent[], signal: AbortSignal): Promise<boolean> {
    for (let rest = events; rest.length > 0;) {
      let size = rest.length
      while (!(await this.#tryAll(rest.slice(0, size)))) {
        if (size > 1) size = Math.ceil(size / 2)
        else if (!(await waitFor(fullMs, signal))) return false
      }
      rest = rest.slice(size)
    }
    return true
  }

  /** False: there is no room now, or no store. */
  async #tryAll(events: readonly CloudEvent[]): Promise<boolean> {
    const serving = this.#deps.serving()
    if (serving === undefined) return false
    try {
      const ledger = await this.#deps.ledger()
      await ledger.accept(events.map(event => this.#requestOf(event, serving)))
      return true
    } catch (thrown) {
      return isPassing(thrown)
    }
  }

  #requestOf(event: CloudEvent, serving: NonNullable<ReturnType<IntakeDeps['serving']>>): NewRequest {
    const id = createRequestId()
    const headers = ['x-request-id', id, sourceHeader, this.#place.name]
    const arriving = { id, event, headers, idempotencyKey: undefined, caller: undefined, named: true, span: noopSpan }
    const key = `source:${JSON.stringify([this.#place.source, event.attributes.get('id')])}`
    // Whatever the pipeline says of its callers: an entry that comes again is the same one.
    return { ...createRequest(arriving, serving), deduplicationKeys: [key], fingerprint: '' }
  }

  async #bury({ event, reason }: Poison, signal: AbortSignal): Promise<boolean> {
    while (!(await this.#tryBury(event, reason))) if (!(await waitFor(fullMs, signal))) return false
    return true
  }

  /** Accepted and settled. If this process ends in between, its deadline, which is over, ends the request as well. */
  async #tryBury(event: CloudEvent, reason: SluiceError): Promise<boolean> {
    const serving = this.#deps.serving()
    if (serving === undefined) return false
    try {
      const ledger = await this.#deps.ledger()
      const request = { ...this.#requestOf(event, serving), orderKey: undefined, deadline: Date.now() }
      const [accepted] = await ledger.accept([request], { owner: this.#deps.owner, leaseMs })
      if (accepted?.kind !== 'accepted' || accepted.claimed === undefined) return true
      const next = serving.plan.flow[0]?.name
      const place = { next, index: 0, event, replies: new Map<string, CloudEvent>(), ended: undefined }
      const failure = { ...causeOf(reason), places: new Map([[rootPath, place]]) }
      await ledger.settle(accepted.claimed, { status: 'failed', failure, steps: [] })
      this.#deps.metrics.deadLettered(this.#place.pipeline, reason.code)
      return true
    } catch (thrown) {
      return isPassing(thrown)
    }
  }
}

/** False for what passes; anything else is a defect. */
function isPassing(thrown: unknown): false {
  if (thrown instanceof SluiceError && (thrown.code === 'QUEUE_FULL' || thrown.code === 'STORE_UNAVAILABLE'))
    return false
  throw thrown
}

const causeOf = ({ code, message }: SluiceError) => ({
  code,
  message,
  step: undefined,
  path: undefined,
  attempts: 0,
  upstreamStatus: undefined,
  upstreamBody: undefined,
  deliveries: undefined
})
