import { hasReferences } from '../pipeline/environment.ts'
import type { Destination, UrlDestination } from '../pipeline/destination.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Sinks } from '../sinks/sinks.ts'
import type { Deliver, DeliveryPolicy } from './deliver.ts'
import { destinationName } from './destination-name.ts'
import { endpoint, type EndpointOptions, type Location } from './endpoint.ts'
import type { Origin } from './origin.ts'
import type { Origins } from './origins.ts'
import { processCall } from './process-call.ts'
import type { Processes } from './processes.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { serviceCall } from './service-call.ts'
import { isService, type ServiceLines } from './service-lines.ts'
import { sinkCall } from './sink-call.ts'

export interface TargetDeps {
  readonly origins: Origins
  readonly processes: Processes
  readonly services: ServiceLines
  readonly sinks: Sinks
}

/** A destination as it is called. */
export interface Target {
  /** Names the destination in metrics and logs, and keys its breaker. */
  readonly name: string
  /** One call of it, with the policy around each attempt. */
  readonly call: (options: EndpointOptions, traced: DeliveryPolicy) => Deliver
  readonly budget: () => RetryBudget
}

export function targetOf(destination: Destination, deps: TargetDeps): Target {
  switch (destination.kind) {
    case 'url':
      return urlTarget(destination, deps)
    case 'process':
      return processTarget(destination.process, deps)
    case 'redisStream':
      return sinkTarget(destinationName(destination), () => deps.sinks.redisStream(destination.url, destination.stream))
    case 'log':
      return sinkTarget('log', place => deps.sinks.log(place, destination.data))
    case 'unresolved':
      return unresolvedTarget(destination)
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
function urlTarget(destination: UrlDestination, { origins, services }: TargetDeps): Target {
  const { url, caCerts, ref } = destination
  const { origin, pathname, search } = new URL(url)
  const path = `${pathname}${search}`
  const call = endpointAt(() => ({ kind: 'at', origin: origins.get(origin, caCerts), path }))
  return {
    name: destinationName(destination),
    call:
      ref === undefined || !isService(ref) ? call : inLineOf(services, ref, call, () => origins.get(origin, caCerts)),
    budget: () => origins.get(origin, caCerts).budget
  }
}

/** The line is that of the Service, whatever step calls it. */
function inLineOf(services: ServiceLines, ref: string, call: Target['call'], origin: () => Origin): Target['call'] {
  const line = services.of(ref, () => origin().connects())
  return (options, traced) => serviceCall(line, options, call(options, traced))
}

/** A process that is restarted may come back on another port, but its breaker and its budget stay. */
function processTarget({ key, step }: ProcessSpec, deps: TargetDeps): Target {
  const { origins } = deps
  const name = `process:${step}`
  return {
    name,
    call: (options, traced) => processCall(key, options, traced, deps),
    budget: () => origins.budgetOf(name)
  }
}

function sinkTarget(name: string, sinkFor: (place: string) => Sink): Target {
  const budget = createRetryBudget()
  return { name, call: (options, traced) => traced(sinkCall(sinkFor, options)), budget: () => budget }
}

function unresolvedTarget({ ref, isCanary }: Extract<Destination, { kind: 'unresolved' }>): Target {
  const budget = createRetryBudget()
  const help = hasReferences(ref) ? 'set its variables' : 'start the gateway with --resolve NAME=URL'
  const reason = isCanary === true ? `${ref} is not ready yet` : `${ref} is not resolved; ${help}`
  return { name: `ref:${ref}`, call: endpointAt(() => ({ kind: 'nowhere', reason })), budget: () => budget }
}
