import { hasReferences } from '../pipeline/environment.ts'
import type { BreakerSettings, Delivery } from '../pipeline/delivery.ts'
import type { CallHeader, Destination, UrlDestination } from '../pipeline/destination.ts'
import type { Hedge } from '../pipeline/node.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import { headerValues } from '../secrets/header-values.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Sinks } from '../sinks/sinks.ts'
import { backoffOf } from './backoff.ts'
import type { Breakers } from './breakers.ts'
import { wrap, type Deliver, type DeliveryPolicy } from './deliver.ts'
import { endpoint, type EndpointOptions, type Location, type OwnHeaders } from './endpoint.ts'
import { hedged } from './hedge.ts'
import type { Origins } from './origins.ts'
import { inFreePlace, limited, type Places } from './places.ts'
import { processCall } from './process-call.ts'
import type { Processes } from './processes.ts'
import { retry } from './retry.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { sinkCall } from './sink-call.ts'
import type { Slots } from './slots.ts'

/** The parts that all deliveries of a gateway share. */
export interface DeliveryDeps {
  readonly origins: Origins
  readonly breakers: Breakers
  readonly processes: Processes
  readonly places: Places
  readonly sinks: Sinks
  readonly secrets: Secrets
}

export interface DestinationOptions extends Omit<EndpointOptions, 'mode' | 'timeoutMs' | 'own'> {
  readonly delivery: Delivery
  readonly breaker: BreakerSettings
  /** Around the breaker, inside the retries; `undefined`: nobody judges the destination. */
  readonly judged: DeliveryPolicy | undefined
  /** Around each attempt; `undefined`: it leaves no trace. */
  readonly traced: DeliveryPolicy | undefined
  /** Calls at once; `undefined`: any number. */
  readonly concurrency: number | undefined
  /** Further calls beside one that is slow, each of which is told; `undefined`: none. */
  readonly hedge: (Hedge & { readonly made: () => void }) | undefined
}

/** Delivers to a destination with its retries, its breaker and its timeout. */
export function deliverTo(destination: Destination, options: DestinationOptions, deps: DeliveryDeps): Deliver {
  const target = targetOf(destination, deps)
  const { delivery, judged = transparent } = options
  const places = placesOf(target.name, options, deps)
  const calling: EndpointOptions = {
    ...options,
    own: ownHeaders(destination, deps),
    mode: delivery.format === 'json' ? 'structured' : 'binary',
    timeoutMs: delivery.timeoutMs
  }
  return wrap(
    attemptOf(target, calling, options, places),
    retry({
      retries: delivery.retry,
      backoff: backoffOf(delivery),
      retryAfterMaxMs: delivery.retryAfterMaxMs,
      budget: target.budget
    }),
    // Whoever waits for a place asks the breaker when it has one.
    places === undefined ? transparent : limited(places),
    judged,
    options.breaker.enabled ? breaking(deps.breakers, target.name, options.breaker) : transparent
  )
}

/** A call, or several at once of which the first answer counts. */
function attemptOf(
  target: Target,
  calling: EndpointOptions,
  { hedge, traced = transparent }: DestinationOptions,
  places: TakePlaces
): Deliver {
  const one = target.call(calling, traced)
  if (hedge === undefined) return one
  const beside = target.call({ ...calling, attempted: hedge.made }, traced)
  return hedged(hedge, one, places === undefined ? beside : inFreePlace(places)(beside))
}

type TakePlaces = (() => Slots) | undefined

const placesOf = (destination: string, { concurrency }: DestinationOptions, { places }: DeliveryDeps): TakePlaces =>
  concurrency === undefined ? undefined : () => places.of(destination, concurrency)

/** Names a destination in metrics and logs, and keys its breaker. */
export function destinationName(destination: Destination): string {
  switch (destination.kind) {
    case 'url':
      return urlName(destination)
    case 'process':
      return `process:${destination.process.step}`
    case 'redisStream':
      return streamName(destination)
    case 'log':
      return 'log'
    case 'unresolved':
      return `ref:${destination.ref}`
  }
}

/** The URL of a destination as it stands now; `undefined`: it has none. */
export function urlOf(destination: Destination, { processes }: DeliveryDeps): string | undefined {
  switch (destination.kind) {
    case 'url':
      return destination.url
    case 'process':
      return processes.urlOf(destination.process.key)
    case 'redisStream':
    case 'log':
    case 'unresolved':
      return undefined
  }
}

/** `undefined`: the destination has none, and its calls cost nothing more. */
function ownHeaders(destination: Destination, { secrets }: DeliveryDeps): OwnHeaders | undefined {
  const headers: readonly CallHeader[] = destination.kind === 'unresolved' ? [] : destination.headers
  if (headers.length === 0) return undefined
  return { names: new Set(headers.map(({ name }) => name)), values: headerValues(headers, secrets) }
}

const transparent: DeliveryPolicy = next => next

function breaking(breakers: Breakers, destination: string, settings: BreakerSettings): DeliveryPolicy {
  const breaker = breakers.of(destination, settings)
  return next => (event, call) => breaker().deliver(next, event, call)
}

interface Target {
  /** Names the destination in metrics and logs, and keys its breaker. */
  readonly name: string
  /** One call of it, with the policy around each attempt. */
  readonly call: (options: EndpointOptions, traced: DeliveryPolicy) => Deliver
  readonly budget: () => RetryBudget
}

function targetOf(destination: Destination, deps: DeliveryDeps): Target {
  switch (destination.kind) {
    case 'url':
      return urlTarget(destination, deps)
    case 'process':
      return processTarget(destination.process, deps)
    case 'redisStream':
      return sinkTarget(streamName(destination), () => deps.sinks.redisStream(destination.url, destination.stream))
    case 'log':
      return sinkTarget('log', place => deps.sinks.log(place, destination.data))
    case 'unresolved':
      return unresolvedTarget(destination.ref)
  }
}

const endpointAt =
  (locate: () => Location): Target['call'] =>
  (options, traced) =>
    traced(endpoint(locate, options))

/**
 * One model of a server that hosts many has a breaker of its own, so the path counts; a query does not, which may
 * differ with each step. The address behind a reference may move; the destination stays the same.
 */
function urlTarget({ url, caCerts, ref }: UrlDestination, { origins }: DeliveryDeps): Target {
  const { origin, pathname, search } = new URL(url)
  const path = `${pathname}${search}`
  return {
    name: urlName({ url, ref }),
    call: endpointAt(() => ({ kind: 'at', origin: origins.get(origin, caCerts), path })),
    budget: () => origins.get(origin, caCerts).budget
  }
}

function urlName({ url, ref }: Pick<UrlDestination, 'url' | 'ref'>): string {
  const { origin, pathname } = new URL(url)
  return ref === undefined ? `${origin}${pathname}` : `ref:${ref}${pathname === '/' ? '' : pathname}`
}

/** A process that is restarted may come back on another port, but its breaker and its budget stay. */
function processTarget({ key, step }: ProcessSpec, deps: DeliveryDeps): Target {
  const { origins } = deps
  const name = `process:${step}`
  return {
    name,
    call: (options, traced) => processCall(key, options, traced, deps),
    budget: () => origins.budgetOf(name)
  }
}

/** Without user and password. */
const streamName = ({ url, stream }: Extract<Destination, { kind: 'redisStream' }>): string =>
  `redis:${URL.parse(url)?.host ?? ''}/${stream}`

function sinkTarget(name: string, sinkFor: (place: string) => Sink): Target {
  const budget = createRetryBudget()
  return { name, call: (options, traced) => traced(sinkCall(sinkFor, options)), budget: () => budget }
}

function unresolvedTarget(ref: string): Target {
  const budget = createRetryBudget()
  const help = hasReferences(ref) ? 'set its variables' : 'start the gateway with --resolve NAME=URL'
  const reason = `${ref} is not resolved; ${help}`
  return { name: `ref:${ref}`, call: endpointAt(() => ({ kind: 'nowhere', reason })), budget: () => budget }
}
