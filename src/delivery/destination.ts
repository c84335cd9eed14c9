import type { BreakerSettings, Delivery } from '../pipeline/delivery.ts'
import type { CallHeader, Destination } from '../pipeline/destination.ts'
import type { Hedge } from '../pipeline/node.ts'
import { headerValues } from '../secrets/header-values.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { backoffOf } from './backoff.ts'
import type { Breakers } from './breakers.ts'
import { wrap, type Deliver, type DeliveryPolicy } from './deliver.ts'
import type { EndpointOptions, OwnHeaders } from './endpoint.ts'
import { hedged } from './hedge.ts'
import { inFreePlace, limited, type Places } from './places.ts'
import type { Permits } from './permits.ts'
import { retry } from './retry.ts'
import { targetOf, type Target, type TargetDeps } from './target.ts'

/** The parts that all deliveries of a gateway share. */
export interface DeliveryDeps extends TargetDeps {
  readonly breakers: Breakers
  readonly places: Places
  readonly secrets: Secrets
}

export interface DestinationOptions extends Omit<EndpointOptions, 'mode' | 'timeoutMs' | 'own'> {
  readonly delivery: Delivery
  readonly breaker: BreakerSettings
  /** Around the breaker, inside the retries; `undefined`: nobody judges the destination. */
  readonly judged: DeliveryPolicy | undefined
  /** Around each attempt; `undefined`: it leaves no trace. */
  readonly traced: DeliveryPolicy | undefined
  /** Around each attempt, but not around the further calls of a hedge; `undefined`: nobody gets copies. */
  readonly copied: DeliveryPolicy | undefined
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
  { hedge, traced = transparent, copied }: DestinationOptions,
  places: TakePlaces
): Deliver {
  const one = target.call(calling, copied === undefined ? traced : next => copied(traced(next)))
  if (hedge === undefined) return one
  const beside = target.call({ ...calling, attempted: hedge.made }, traced)
  return hedged(hedge, one, places === undefined ? beside : inFreePlace(places)(beside))
}

type TakePlaces = (() => Permits) | undefined

const placesOf = (destination: string, { concurrency }: DestinationOptions, { places }: DeliveryDeps): TakePlaces =>
  concurrency === undefined ? undefined : () => places.of(destination, concurrency)

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
