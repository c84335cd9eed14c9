import { traceHeaders, type Carrier } from './carrier.ts'

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

/** The attributes of every span that begins the part of a trace that is ours. */
export const requestAttributes = (pipeline: string, requestId: string): SpanAttributes => ({
  'sluice.pipeline': pipeline,
  'sluice.request_id': requestId
})

/** Without an exporter: the caller's context is handed on as it came, and nothing is recorded. */
export const noopTracer: Tracer = {
  start: (_name, _attributes, carrier) => passThrough(carrier),
  [Symbol.asyncDispose]: () => Promise.resolve()
}

function passThrough(carrier: Carrier): Span {
  if (carrier.traceparent === undefined && carrier.baggage === undefined) return noopSpan
  const headers: string[] = []
  for (const name of traceHeaders) {
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
