import type { Journal, Request } from '../flow/request.ts'
import type { Serving } from '../flow/serving.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { RequestRecord } from '../ledger/request-record.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Carrier, Tracer } from '../telemetry/tracing.ts'
import { persist } from './persist.ts'
import type { RunEntry } from './run-entry.ts'
import { stepRecord } from './settlement.ts'
import { ShownCall } from './shown-call.ts'
import { deadlineOf } from './why-over.ts'
import { withoutTrace } from './without-trace.ts'

export interface StartRequestDeps {
  readonly ledger: Ledger
  readonly tracer: Tracer
  readonly log: Logger
}

/** The claimed request as the flow takes it: what it does is seen in the entry, and written down in the ledger. */
export function startRequest(entry: RunEntry, { plan }: Serving, { ledger, tracer, log }: StartRequestDeps): Request {
  const { claimed, stop, visits, held } = entry
  const { record } = claimed
  entry.step = plan.steps[record.progress?.next ?? 0]?.name
  const journal: Journal = {
    calling: call => new ShownCall(entry.calls, call),
    checkpoint: ({ next, event, replies }, soFar) => {
      entry.step = plan.steps[next]?.name
      // After the last step comes the settlement, which says the same.
      if (next === plan.steps.length && plan.reply === undefined) return true
      const steps = [...(record.progress?.steps ?? []), ...soFar.map(stepRecord)]
      const progress = { next, event, steps, replies, delivery: record.deliveries }
      const held = persist(() => ledger.checkpoint(claimed, progress), stop, log)
      return held.then(answer => answer === true)
    }
  }
  const attributes = { 'sluice.pipeline': record.pipeline, 'sluice.request_id': record.id }
  return {
    id: record.id,
    original: record.event,
    signal: stop,
    deadline: performance.now() + (deadlineOf(record, plan) - Date.now()),
    headers: withoutTrace(record.headers),
    span: tracer.start(`run ${record.pipeline}`, attributes, carrierOf(record)),
    visits,
    held,
    journal,
    follower: undefined
  }
}

/** The trace context was stored among the headers of the request, a flat list of names and values. */
function carrierOf({ headers }: RequestRecord): Carrier {
  const valueOf = (name: string): string | undefined => headers.find((_, i) => i % 2 === 1 && headers[i - 1] === name)
  return { traceparent: valueOf('traceparent'), tracestate: valueOf('tracestate'), baggage: valueOf('baggage') }
}
