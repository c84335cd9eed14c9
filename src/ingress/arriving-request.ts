import type { Serving } from '../flow/serving.ts'
import type { NewRequest } from '../ledger/ledger.ts'
import { carrierOf, type Tracer } from '../telemetry/tracing.ts'
import type { Arrival } from './arrival.ts'
import { newRequest, type Acceptance } from './new-request.ts'
import { propagatedHeaders } from './request-headers.ts'

/** The request that an event becomes, with the headers and the trace that it arrived with. */
export function arrivingRequest(
  { id: arrivalId, caller, headers }: Arrival,
  serving: Serving,
  { id, event, idempotencyKey }: Pick<Acceptance, 'id' | 'event' | 'idempotencyKey'>,
  tracer: Tracer
): NewRequest {
  const { plan } = serving
  const carrier = carrierOf(name => headers.get(name), event)
  const span = tracer.start(
    `accept ${plan.pipeline}`,
    { 'sluice.pipeline': plan.pipeline, 'sluice.request_id': id },
    carrier
  )
  const named = event.attributes.get('id') !== arrivalId
  const propagated = propagatedHeaders(headers, plan.propagate, id)
  span.end()
  return newRequest({ id, event, headers: propagated, idempotencyKey, caller, named, span }, serving)
}
