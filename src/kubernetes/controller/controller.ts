import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import type { Logger } from '../../telemetry/log.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { Leadership, type LeaseTimes } from '../client/leadership.ts'
import { Mirror } from '../client/mirror.ts'
import { collectionPath, type Resource } from '../client/resource.ts'
import { resources } from '../resources.ts'
import { Addresses } from '../source/addresses.ts'
import { Discovery } from '../source/discovery.ts'
import { Children } from './children.ts'
import type { ControllerMetrics } from './controller-metrics.ts'
import { Gateways, notAsked, type Reports } from './gateways.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { PipelineWork } from './pipeline-work.ts'
import { seenPipeline, type PipelineObject, type SeenPipeline } from './seen-pipeline.ts'

export interface ControllerDeps {
  readonly client: ApiClient
  /** `undefined`: all. */
  readonly namespace: string | undefined
  /** Where the data plane is, for people and Triggers. */
  readonly gatewayUrl: string
  readonly gatewayAdmin: string
  readonly adminToken: string | undefined
  readonly metrics: ControllerMetrics
  readonly log: Logger
  readonly leaseTimes?: LeaseTimes
  /** What is refused in the removal of children is tried again for so long, in milliseconds. */
  readonly removeMs?: number
}

export interface Controller extends AsyncDisposable {
  readonly leads: boolean
  /** Why pipelines cannot be seen; `undefined`: they can. */
  readonly fault: () => string | undefined
}

/** Pipelines of one kind, and the work on them. */
interface ControlledKind {
  readonly pipelines: Mirror<PipelineObject, SeenPipeline>
  readonly work: PipelineWork
  readonly queue: KeyedQueue
}

/** How often the gateways are asked for counts; and while something is pausing or being deleted, in milliseconds. */
const countsMs = 15_000
const urgentMs = 1_000

/** Takes part in the election, and does the work while it leads. */
// One list of what is opened, in the order in which it is closed.
// oxlint-disable-next-line max-lines-per-function
export async function startController(deps: ControllerDeps): Promise<Controller> {
  const { client, namespace, gatewayAdmin, adminToken, metrics, log } = deps
  await using opened = new AsyncDisposableStack()
  const faults = new ToldOnce(log)
  const gateways = opened.use(new Gateways({ url: gatewayAdmin, token: adminToken }))
  const state: { reports: Reports; askedAt: number } = { reports: notAsked, askedAt: -Infinity }
  const everything = (): void => {
    for (const { pipelines, queue } of kinds) for (const [key] of pipelines.entries) queue.add(key)
  }
  const addresses = opened.use(
    new Addresses({ client, everywhere: namespace === undefined, onChange: () => refresh() })
  )
  const knative = await hasKnative(client)
  const children = opened.use(
    new Children({
      client,
      namespace,
      knative,
      mayWrite: () => leadership.leads,
      onChange: pipeline => {
        for (const { queue } of kinds) queue.add(pipeline)
      },
      onAway: cause => faults.tell(failureText(cause))
    })
  )
  // Opened before the queues: it ends after them, so that nothing is under way when the next one may lead.
  const leadership: Leadership = opened.use(
    new Leadership(client, {
      namespace: namespace ?? client.namespace,
      name: 'sluice-controller',
      identity: `${hostname()}_${randomBytes(6).toString('hex')}`,
      onLead: () => {
        log.info({}, 'leads')
        metrics.leads.labels().set(1)
        // Another one, who led meanwhile, may have changed what was applied before.
        children.forget()
        everything()
      },
      onLost: reason => {
        metrics.leads.labels().set(0)
        log.warn({ reason }, 'does not lead any more')
      },
      onFault: cause => faults.tell(failureText(cause)),
      ...(deps.leaseTimes !== undefined && { times: deps.leaseTimes })
    })
  )
  const open = (resource: Resource): ControlledKind => {
    const pipelines = opened.use(
      new Mirror<PipelineObject, SeenPipeline>(client, {
        path: collectionPath(resource, namespace),
        project: (object, before) => seenPipeline(object, before, resource.kind),
        onChange: key => queue.add(key),
        onList: () => everything(),
        // An API server with older definitions of resources does not know Pipelines.
        onAway: cause => {
          if (resource !== resources.pipelines || !isFailure(cause, 404)) faults.tell(failureText(cause))
        }
      })
    )
    const work = new PipelineWork({
      ...deps,
      resource,
      knative,
      children,
      addresses,
      seen: key => pipelines.get(key),
      find: key => kinds.map(each => each.pipelines.get(key)).find(seen => seen !== undefined),
      reports: () => state.reports,
      mayWrite: () => leadership.leads,
      tell: message => faults.tell(message)
    })
    const queue: KeyedQueue = opened.use(
      new KeyedQueue({
        handle: key => (leadership.leads ? work.reconcile(key) : Promise.resolve(undefined)),
        onFault: (key, thrown) => {
          metrics.faults.labels().add(1)
          faults.tell(`${key}: ${failureText(thrown)}`)
        }
      })
    )
    return { pipelines, work, queue }
  }
  const kinds: readonly ControlledKind[] = [resources.servingPipelines, resources.pipelines].map(open)
  const refresh = debounced(() => everything())
  opened.defer(() => refresh.stop())
  opened.use(
    every(urgentMs, async () => {
      const isUrgent = leadership.leads && kinds.some(({ work }) => work.isUrgent)
      if (!leadership.leads || (!isUrgent && performance.now() - state.askedAt < countsMs)) return
      state.askedAt = performance.now()
      state.reports = await gateways.ask()
      for (const reason of state.reports.silent) faults.tell(reason)
      everything()
    })
  )
  metrics.onCollect(() => metrics.queue.labels().set(kinds.reduce((sum, { queue }) => sum + queue.length, 0)))
  const owned = opened.move()
  return {
    get leads() {
      return leadership.leads
    },
    fault: () => {
      const [serving] = kinds
      return serving?.pipelines.isListed === true
        ? undefined
        : failureText(serving?.pipelines.away ?? 'pipelines are being listed')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** Whether Knative serves here; who may not ask, or installs it later, starts the controller again. */
async function hasKnative(client: ApiClient): Promise<boolean> {
  const { group, version, kind } = resources.knativeServices
  return new Discovery(client).find(group, version, kind).then(
    () => true,
    (thrown: unknown) => {
      if (isFailure(thrown, 404)) return false
      throw thrown
    }
  )
}

/** A sentence is worth one line in a while, however often it is true. */
class ToldOnce {
  readonly #log: Logger
  readonly #told = new Map<string, number>()

  constructor(log: Logger) {
    this.#log = log
  }

  tell(reason: string): void {
    const now = performance.now()
    if (now - (this.#told.get(reason) ?? -Infinity) < againMs) return
    if (this.#told.size > mostTold) this.#told.clear()
    this.#told.set(reason, now)
    this.#log.warn({ reason }, 'something could not be done; it is tried again')
  }
}

const againMs = 300_000
const mostTold = 1_000

/** One call for all that come within a moment. */
function debounced(act: () => void): (() => void) & { readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const call = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      act()
    }, 200)
  }
  return Object.assign(call, { stop: () => clearTimeout(timer) })
}

/** Again and again, one after the other. */
function every(ms: number, act: () => Promise<void>): AsyncDisposable {
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= act().finally(() => (running = undefined))
  }, ms)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    }
  }
}
