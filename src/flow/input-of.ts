import type { CloudEvent } from '../event/event.ts'
import type { Input } from '../pipeline/node.ts'
import { evaluate } from './bindings.ts'
import type { Request } from './request.ts'
import type { Surroundings } from './surroundings.ts'

/** The event that `input:` makes for a step. */
export async function inputOf(
  input: Input,
  event: CloudEvent,
  request: Request,
  around: Surroundings
): Promise<CloudEvent> {
  if (input === 'previous') return event
  return input === 'request' ? around.original : evaluate(input, event, request, around)
}
