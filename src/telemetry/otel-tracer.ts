import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { Span, SpanAttributes, SpanKind as OurKind, Tracer } from './tracing.ts'

/** Traces by the OpenTelemetry SDK, configured by the `OTEL_*` variables that it reads itself. Loads slowly. */
export function startOtelTracer(): Tracer {
  // OTEL_SERVICE_NAME, where it is set, is stronger.
  const resource = resourceFromAttributes({ 'service.name': 'sluice' })
  const sdk = new NodeSDK({ resource, instrumentations: [] })
  sdk.start()
  return {
    start: (name, attributes, carrier) =>
      createSpan(name, 'server', attributes, propagation.extract(ROOT_CONTEXT, carrier)),
    async [Symbol.asyncDispose]() {
      await sdk.shutdown()
      trace.disable()
      propagation.disable()
      context.disable()
    }
  }
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

function createSpan(name: string, kind: OurKind, attributes: SpanAttributes, parent: Context): Span {
  const span = trace.getTracer('sluice').startSpan(name, { kind: kinds[kind], attributes }, parent)
  const own = trace.setSpan(parent, span)
  return {
    recording: true,
    traceId: span.spanContext().traceId,
    headers: () => {
      const carrier: Record<string, string> = {}
      propagation.inject(own, carrier)
      return Object.entries(carrier).flat()
    },
    child: (childName, childKind, childAttributes) => createSpan(childName, childKind, childAttributes, own),
    fail: (code, message) => {
      span.setAttribute('error.type', code)
      span.setStatus({ code: SpanStatusCode.ERROR, message })
    },
    end: (more = {}) => {
      span.setAttributes(more)
      span.end()
    }
  }
}
