import { isMapping } from '../../pipeline/spec/rule.ts'

/** Why nothing of a request runs, by the reason that its status document gives. */
const reasons: Readonly<Record<string, string>> = {
  queue: 'in the queue of its pipeline',
  order: 'for an earlier request with its partitionkey',
  breaker: 'while the circuit breaker of its step is open',
  budget: 'since the retry budget of its step is spent',
  step: 'for its step to be there',
  paused: 'while its pipeline is paused',
  dependency: 'for a pipeline that its own depends on',
  gate: 'while its model server is busy',
  pipeline: 'for its pipeline, which is not served'
}

/** `waits while the circuit breaker of its step is open, until 12:00:00: STEP_FAILED: step "a" answered 500`. */
export function waitingText(waiting: unknown): string {
  if (!isMapping(waiting)) return ''
  const { reason, until, lastError } = waiting
  const time = typeof until === 'string' ? `, until ${until.slice(11, 19)}` : ''
  const cause = isMapping(lastError) ? `: ${String(lastError['code'])}: ${String(lastError['detail'])}` : ''
  return `waits ${reasons[String(reason)] ?? `for ${String(reason)}`}${time}${cause}`
}
