import type { NewRequest } from '../ledger/record/new-request.ts'
import type { Serving } from '../flow/serving.ts'
import { tagHeader } from '../flow/traffic/picked-tags.ts'
import { requestAttributes, type Tracer } from '../telemetry/tracing.ts'
import { createRequest, type Arriving } from '../stored/create-request.ts'
import type { Arrival } from './arrival.ts'
import { propagatedHeaders } from './propagated-headers.ts'
import { startServerSpan } from './server-span.ts'

/** The request that an event becomes, with the headers and the trace that it arrived with. */
export function arrivingRequest(
  arrival: Arrival,
  serving: Serving,
  { id, event, idempotencyKey }: Pick<Arriving, 'id' | 'event' | 'idempotencyKey'>,
  tracer: Tracer
): NewRequest {
  const { id: arrivalId, caller, headers } = arrival
  const { plan } = serving
  const attributes = requestAttributes(plan.pipeline, id)
  const span = startServerSpan(`accept ${plan.pipeline}`, arrival, event, attributes, tracer)
  const named = event.attributes.get('id') !== arrivalId
  const propagated = propagatedHeaders(headers, plan.propagate, id)
  const tags = headers.get(tagHeader)
  if (tags !== undefined) propagated.push(tagHeader, tags)
  return createRequest({ id, event, headers: propagated, idempotencyKey, caller, named, span }, serving)
}
