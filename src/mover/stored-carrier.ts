import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Carrier } from '../telemetry/tracing.ts'

/** The trace context that was stored among the headers of a request, a flat list of names and values. */
export function storedCarrier({ headers }: Pick<RequestRecord, 'headers'>): Carrier {
  const valueOf = (name: string): string | undefined => headers.find((_, i) => i % 2 === 1 && headers[i - 1] === name)
  return { traceparent: valueOf('traceparent'), tracestate: valueOf('tracestate'), baggage: valueOf('baggage') }
}
