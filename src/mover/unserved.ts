import { waitFor } from '../delivery/wait.ts'
import { SluiceError } from '../errors.ts'
import type { Gauges } from '../ledger/gauges.ts'
import type { Records } from '../ledger/records.ts'
import type { Claimed, Lease, Work } from '../ledger/work.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { RequestRecord, RequestSummary } from '../ledger/record/request-record.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { tellStoreFault } from './intake.ts'
import { failureOf } from './settlement.ts'
import { placesIn } from './standing.ts'

export interface UnservedDeps {
  readonly ledger: Work & Records & Gauges
  readonly isServed: (pipeline: string) => boolean
  /** Why requests of a pipeline wait that is here, but begins none now; `undefined`: it is not here. */
  readonly holdOf: (pipeline: string) => Waiting | undefined
  readonly metrics: Pick<Metrics, 'deadLettered'>
  /** This start of this process. */
  readonly owner: string
  readonly log: Logger
}

/** Requests of pipelines that nobody serves here: they wait, which is told; their deadlines hold. */
export interface Unserved extends AsyncDisposable {
  /** How many wait, by pipeline. */
  readonly waiting: ReadonlyMap<string, number>
}

/** How often they are looked after, in milliseconds. */
const everyMs = 2_000
/** Requests of a page, and pages of a pipeline that are looked at in one go. */
const pageSize = 100
const pagesAtOnce = 10
/** As long as it takes to settle a few, or to give them back. */
const leaseMs = 10_000

/** Looks after them until it is disposed. */
export function watchUnserved(deps: UnservedDeps): Unserved {
  const watch = new UnservedWatch(deps)
  watch.start()
  return watch
}

class UnservedWatch implements Unserved {
  readonly waiting = new Map<string, number>()
  readonly #deps: UnservedDeps
  readonly #lease: Lease
  readonly #stop = new AbortController()
  /** By pipeline and status, the last request that was looked at, where there are more. */
  readonly #seen = new Map<string, string>()
  #watching = Promise.resolve()

  constructor(deps: UnservedDeps) {
    this.#deps = deps
    this.#lease = { owner: deps.owner, leaseMs }
  }

  start(): void {
    this.#watching = this.#watch()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#watching
  }

  async #watch(): Promise<void> {
    do {
      try {
        for (const pipeline of await this.#deps.ledger.pipelines()) await this.#attend(pipeline)
      } catch (thrown) {
        tellStoreFault(thrown, 'requests of pipelines that are not served could not be looked up', this.#deps.log)
      }
    } while (await waitFor(everyMs, this.#stop.signal))
  }

  async #attend(pipeline: string): Promise<void> {
    const { ledger, isServed, holdOf, log } = this.#deps
    if (this.#stop.signal.aborted) return
    const { queued, claimed } = isServed(pipeline) ? { queued: 0, claimed: 0 } : await ledger.pending(pipeline)
    const requests = queued + claimed
    if (requests === 0) {
      this.waiting.delete(pipeline)
      return
    }
    const isHere = holdOf(pipeline) !== undefined
    if (!this.waiting.has(pipeline) && !isHere) {
      log.warn(
        { pipeline, requests },
        'accepted requests wait for a pipeline that is not served here; serve or cancel them'
      )
    }
    if (isHere) this.waiting.delete(pipeline)
    else this.waiting.set(pipeline, requests)
    // Those that ran when their gateway was killed wait again; of the others only the deadline matters.
    await this.#look(pipeline, 'running', () => true)
    await this.#look(pipeline, 'accepted', isLate)
  }

  async #look(
    pipeline: string,
    status: RequestRecord['status'],
    matters: (request: RequestSummary) => boolean
  ): Promise<void> {
    const key = `${pipeline} ${status}`
    for (let page = 0; page < pagesAtOnce && !this.#stop.signal.aborted; page++) {
      const filter = { pipeline, status, after: this.#seen.get(key), limit: pageSize }
      const found = await this.#deps.ledger.list(filter)
      const ids = found.filter(matters).map(({ id }) => id)
      const claims = ids.length === 0 ? [] : await this.#deps.ledger.claimThese(pipeline, ids, this.#lease)
      for (const claimed of claims) await this.#decide(claimed)
      const last = found.at(-1)
      if (last === undefined || found.length < pageSize) {
        this.#seen.delete(key)
        return
      }
      this.#seen.set(key, last.id)
    }
  }

  async #decide(claimed: Claimed): Promise<void> {
    const { ledger, metrics, log } = this.#deps
    const { record, pipeline, id } = claimed
    if (!isLate(record)) {
      const waiting = this.#deps.holdOf(pipeline) ?? notHere()
      await ledger.release(claimed, { delayMs: 0, spent: false, note: { waiting, steps: record.told?.steps ?? [] } })
      return
    }
    const facts = { pipeline, deliveries: record.deliveries - 1 }
    const error = new SluiceError(
      'DEADLINE_EXCEEDED',
      'the pipeline was not served before the deadline of the request',
      {
        facts
      }
    )
    const failure = failureOf(error, placesIn(record))
    if (!(await ledger.settle(claimed, { status: 'failed', failure, steps: record.steps }))) return
    metrics.deadLettered(pipeline, error.code)
    const { code, message: reason } = error
    log.warn({ pipeline, requestId: id, code, reason }, 'a stored request failed for good and is kept as a dead letter')
  }
}

const notHere = (): Waiting => ({ reason: 'pipeline', since: Date.now(), until: undefined, lastError: undefined })

const isLate = ({ deadline }: RequestSummary): boolean => deadline !== undefined && deadline <= Date.now()
