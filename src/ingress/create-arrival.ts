import { BodyShare, type BodyMemory } from '../event/body-memory.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { Arrival } from './arrival.ts'
import { endingWithCaller } from './caller-gone.ts'
import { closed } from './departure.ts'

const noSpans: readonly Span[] = []

type Arriving = Pick<Arrival, 'id' | 'path' | 'at' | 'visits' | 'headers' | 'caller' | 'incoming' | 'outgoing'>

export function createArrival(
  { id, path, at, visits, headers, caller, incoming, outgoing }: Arriving,
  memory: BodyMemory
): Arrival {
  const arrival: Arrival = {
    id,
    requestId: id,
    path,
    caller,
    headers,
    incoming,
    outgoing,
    gone: endingWithCaller(outgoing, () => closed(arrival)),
    at,
    visits,
    share: new BodyShare(memory),
    place: undefined,
    spans: noSpans,
    answered: false
  }
  return arrival
}
