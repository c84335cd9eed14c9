import { attribute, type CloudEvent } from '../event/event.ts'
import { carrierOf } from '../telemetry/carrier.ts'
import type { Span, SpanAttributes, Tracer } from '../telemetry/tracing.ts'
import type { Arrival } from './arrival.ts'

/** Starts the span of a caller's HTTP request; it ends when the answer has been written. */
export function startServerSpan(
  name: string,
  arrival: Arrival,
  event: CloudEvent,
  attributes: SpanAttributes,
  tracer: Tracer
): Span {
  const carrier = carrierOf(header => arrival.headers.get(header), event)
  const span = tracer.start(name, attributes, carrier)
  if (!span.recording) return span
  span.set({ ...httpAttributes(arrival), ...eventAttributes(event) })
  arrival.spans = [...arrival.spans, span]
  return span
}

/** Ends the spans of an HTTP request with the status that its caller got, if any. */
export function endServerSpans({ spans, outgoing }: Arrival): void {
  if (spans.length === 0) return
  const status = outgoing.headersSent ? { 'http.response.status_code': outgoing.statusCode } : {}
  for (const span of spans) span.end(status)
}

/** By the semantic conventions of OpenTelemetry; a query may hold a secret. */
function httpAttributes({ incoming, path }: Arrival): SpanAttributes {
  const { socket, headers, httpVersion } = incoming
  const secure = 'encrypted' in socket
  const { hostname, port } = new URL(`http://${headers.host ?? `${socket.localAddress}:${socket.localPort}`}`)
  return {
    'http.request.method': incoming.method ?? '',
    'http.route': path.startsWith('/v2/') ? '/v2/models/{pipeline}/infer' : '/{namespace}/{pipeline}',
    'url.scheme': secure ? 'https' : 'http',
    'url.path': path,
    'server.address': hostname,
    'server.port': Number(port) || (secure ? 443 : 80),
    'network.protocol.version': httpVersion
  }
}

const eventAttributes = (event: CloudEvent): SpanAttributes => ({
  'cloudevents.event_id': attribute(event, 'id') ?? '',
  'cloudevents.event_source': attribute(event, 'source') ?? '',
  'cloudevents.event_type': attribute(event, 'type') ?? ''
})
