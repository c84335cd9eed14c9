import { Registry } from '../control/registry.ts'
import { createBreakers, type Breakers } from '../delivery/breakers.ts'
import { createReplies } from '../delivery/cached.ts'
import { createDeadLetterSink } from '../delivery/dead-letter-sink.ts'
import { deliverTo, urlOf } from '../delivery/destination.ts'
import { createEgressCheck } from '../delivery/egress.ts'
import { createOrigins } from '../delivery/origins.ts'
import { ServiceLines } from '../delivery/service-lines.ts'
import { BodyMemory } from '../event/body-memory.ts'
import { BurstWatch } from '../http/burst-watch.ts'
import { collectGarbage } from '../http/collect-garbage.ts'
import { missingHeaders } from '../secrets/header-values.ts'
import type { HeadView } from './head-view.ts'
import { createSinks } from '../sinks/sinks.ts'
import type { ProcessParts } from './process-parts.ts'
import { unusedDestinations } from './unused-destinations.ts'

/** The parts that a process needs to run requests. */
export interface ServingParts extends AsyncDisposable {
  readonly registry: Registry
  readonly breakers: Breakers
  readonly memory: BodyMemory
}

export interface ServingPartsDeps extends Pick<HeadView, 'processes' | 'services' | 'places' | 'turns' | 'attempts'> {
  /** The rest of the time for a shutdown, in milliseconds. */
  readonly graceLeftMs: () => number
  readonly onRemoved: (pipeline: string) => void
}

/** Ties the plans to breakers, connections and metrics of this process. */
export async function createServingParts(
  { config, lookups, log, metrics, secrets, sources }: ProcessParts,
  { processes, services: states, places, turns, attempts, graceLeftMs, onRemoved }: ServingPartsDeps
): Promise<ServingParts> {
  await using opened = new AsyncDisposableStack()
  const memory = new BodyMemory(config.bodyMemory, () => metrics.shed('OVERLOADED'))
  opened.use(new BurstWatch(memory, collectGarbage))
  const connections = () => connectionsFor(registry)
  const origins = opened.use(createOrigins({ check: createEgressCheck(config.egress), lookups, connections, memory }))
  const breakers = opened.use(createBreakers(log))
  sources.breakers = () => breakers.list()
  const services = opened.use(new ServiceLines(states))
  sources.serviceCalls = () => services.list()
  const replies = createReplies()
  const sinks = opened.use(createSinks(log))
  sources.waitingCalls = () => places.list()
  sources.retryBudgets = () => origins.budgets()
  const deadLetters = opened.use(createDeadLetterSink(log, graceLeftMs))
  const delivery = { origins, breakers, places, sinks, processes, services, secrets }
  const registry: Registry = new Registry({
    deliverTo: (destination, options) => deliverTo(destination, options, delivery),
    urlOf: destination => urlOf(destination, delivery),
    missingHeaders: headers => missingHeaders(headers, secrets),
    replies,
    turns,
    attempts,
    memory,
    deadLetters,
    metrics,
    log,
    onRetired: serving => {
      const unused = unusedDestinations(serving, registry.all())
      breakers.drop(unused)
      places.drop(unused)
      services.drop(unused)
      replies.cache.drop(unused)
      sinks.drop(unused)
    },
    onRemoved: pipeline => {
      metrics.registry.dropPipeline(pipeline)
      onRemoved(pipeline)
    }
  })
  const owned = opened.move()
  return { registry, breakers, memory, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Connections to one origin, as Envoy gives a cluster. */
const usualConnections = 1024

/** All stored requests that a pipeline may have in flight must be able to call the same step at once. */
const connectionsFor = (registry: Registry): number =>
  registry.servings().reduce((most, { plan: { limits } }) => Math.max(most, limits.maxInFlight), usualConnections)
