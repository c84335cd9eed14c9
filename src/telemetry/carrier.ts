import { attribute, type CloudEvent } from '../event/event.ts'

/** The headers of the W3C trace context. */
export const traceHeaders = ['traceparent', 'tracestate', 'baggage'] as const

/** The W3C trace context that came with a request. */
export type Carrier = Readonly<Record<(typeof traceHeaders)[number], string | undefined>>

/** The context of the HTTP headers; without one, that of the event's extensions (distributed tracing extension). */
export function carrierOf(header: (name: string) => string | undefined, event: CloudEvent): Carrier {
  const fromHeader = valid(header('traceparent'))
  const baggage = header('baggage')
  if (fromHeader !== undefined) return { traceparent: fromHeader, tracestate: header('tracestate'), baggage }
  const fromEvent = valid(attribute(event, 'traceparent'))
  return { traceparent: fromEvent, tracestate: fromEvent && headerSafe(attribute(event, 'tracestate')), baggage }
}

/** An attribute may hold any text; this one becomes a header. */
const headerSafe = (value: string | undefined): string | undefined =>
  value !== undefined && /^[\x20-\x7e]*$/.test(value) ? value : undefined

/** The trace context among the headers that a request was stored with, a flat list of names and values. */
export function storedCarrier({ headers }: { readonly headers: readonly string[] }): Carrier {
  if (!headers.some(name => isOfTrace.has(name))) return noContext
  const valueOf = (name: string): string | undefined => headers.find((_, i) => i % 2 === 1 && headers[i - 1] === name)
  return { traceparent: valueOf('traceparent'), tracestate: valueOf('tracestate'), baggage: valueOf('baggage') }
}

const isOfTrace: ReadonlySet<string> = new Set(traceHeaders)
const noContext: Carrier = { traceparent: undefined, tracestate: undefined, baggage: undefined }

/** A flat list of headers without the trace context that was stored among them. */
export const withoutTrace = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => !isOfTrace.has(headers[i - (i % 2)] ?? ''))

/** Version 00 ends after its flags; later versions may have more. */
const traceparent = /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/

const valid = (value: string | undefined): string | undefined =>
  value !== undefined && traceparent.test(value) ? value : undefined
