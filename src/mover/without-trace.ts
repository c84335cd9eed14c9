const traceHeaders = new Set(['traceparent', 'tracestate', 'baggage'])

/** A flat list of stored headers without the trace context that was stored among them. */
export const withoutTrace = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => !traceHeaders.has(headers[i - (i % 2)] ?? ''))
