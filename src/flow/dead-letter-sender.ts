import { deadLetterEvent } from '../delivery/dead-letter-event.ts'
import { shownUrl } from '../delivery/shown-url.ts'
import { userAgent } from '../delivery/user-agent.ts'
import { shouldHold } from '../delivery/should-hold.ts'
import type { SluiceError } from '../errors.ts'
import { hopsOf } from '../event/hops.ts'
import type { Destination } from '../pipeline/destination.ts'
import type { Node } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { destinationOptions, unseen } from './destination-options.ts'
import { replyOptions } from './reply-options.ts'
import type { SendDeadLetter } from './letter.ts'
import type { RunDeps } from './run-deps.ts'

/** Sends what failed for good to the dead letter sink, if one applies. An open breaker dead-letters nothing. */
export function createDeadLetterSender(plan: Plan, failing: Node, deps: RunDeps): SendDeadLetter {
  const sink = failing.delivery.deadLetterSink
  if (sink === undefined) return () => Promise.resolve()
  const step = failing.kind === 'reply' ? undefined : failing.name
  const options = failing.kind === 'reply' ? replyOptions(plan, failing) : destinationOptions(plan, failing, deps)
  const label = `the dead letter sink of ${options.label}`
  const headers = [...userAgent, 'kn-namespace', plan.namespace]
  const deliver = deps.deliverTo(sink, { ...options, ...unseen, label, headers })
  return async (input, error, { id: requestId, headers: own, span, journal }) => {
    if (error.code === 'BREAKER_OPEN' || (journal !== undefined && shouldHold(error))) return
    const destination = calledOf(failing, error)
    const url = destination && deps.urlOf(destination)
    const left = { pipeline: plan.pipeline, step, requestId, traceId: span.traceId }
    const shown = url === undefined ? undefined : shownUrl(url)
    await deps.deadLetters.send(deliver, deadLetterEvent(input, error, { ...left, url: shown }), left, hopsOf(own))
  }
}

/** The destination that failed: its own, or the entry of its traffic that was called; `undefined`: it has none. */
function calledOf(failing: Node, { facts }: SluiceError): Destination | undefined {
  if (!('destination' in failing)) return undefined
  const entries = failing.kind === 'call' ? failing.traffic : []
  return entries.find(({ name }) => name === facts.entry)?.destination ?? failing.destination
}
