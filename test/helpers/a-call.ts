import type { Call } from '../../src/delivery/deliver.ts'
import { noopSpan } from '../../src/telemetry/tracing.ts'
import { anEvent } from './events.ts'

/** One delivery of an event, without a deadline; each has attempts of its own. */
export const aCall = (changes: Partial<Call> = {}): Call => ({
  requestId: 'r',
  original: anEvent(),
  signal: new AbortController().signal,
  deadline: Infinity,
  maxHoldMs: Infinity,
  headers: [],
  span: noopSpan,
  attempts: { count: 0, heldSince: undefined },
  calls: undefined,
  stream: undefined,
  ...changes
})
