import { attribute, type CloudEvent } from '../event/event.ts'

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>
export type SpanKind = 'server' | 'client' | 'internal'

/** One timed part of a request. */
export interface Span {
  /** False: nothing is kept of it, so that nobody needs to describe its parts. */
  readonly recording: boolean
  readonly traceId: string | undefined
  /** Flat list of `traceparent`, `tracestate` and `baggage` for a call that is made within this span. */
  headers(): readonly string[]
  child(name: string, kind: SpanKind, attributes: SpanAttributes): Span
  /** For what is known only later. */
  set(attributes: SpanAttributes): void
  fail(code: string, message: string): void
  end(attributes?: SpanAttributes): void
}

/** Starts the trace of a request, or its part of a trace that the caller began. */
export interface Tracer extends AsyncDisposable {
  start(name: string, attributes: SpanAttributes, carrier: Carrier, options?: StartOptions): Span
}

export interface StartOptions {
  /** `server` unless given: an HTTP request of a caller. */
  readonly kind?: SpanKind
  /** The span of another trace that led to this one. */
  readonly link?: Carrier
}

/** The W3C trace context that came with a request. */
export interface Carrier {
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
  readonly baggage: string | undefined
}

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

/** Without an exporter: the caller's context is handed on as it came, and nothing is recorded. */
export const noopTracer: Tracer = {
  start: (_name, _attributes, carrier) => passThrough(carrier),
  [Symbol.asyncDispose]: () => Promise.resolve()
}

/** Version 00 ends after its flags; later versions may have more. */
const traceparent = /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/

const valid = (value: string | undefined): string | undefined =>
  value !== undefined && traceparent.test(value) ? value : undefined

function passThrough(carrier: Carrier): Span {
  if (carrier.traceparent === undefined && carrier.baggage === undefined) return noopSpan
  const headers: string[] = []
  for (const name of ['traceparent', 'tracestate', 'baggage'] as const) {
    const value = carrier[name]
    if (value !== undefined) headers.push(name, value)
  }
  return createNoopSpan(carrier.traceparent?.slice(3, 35), headers)
}

function createNoopSpan(traceId: string | undefined, headers: readonly string[]): Span {
  const span: Span = {
    recording: false,
    traceId,
    headers: () => headers,
    child: () => span,
    set: () => {},
    fail: () => {},
    end: () => {}
  }
  return span
}

/** Belongs to no trace. */
export const noopSpan: Span = createNoopSpan(undefined, [])
