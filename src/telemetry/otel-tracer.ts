import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type SpanOptions
} from '@opentelemetry/api'
import { envDetector, hostDetector, resourceFromAttributes, serviceInstanceIdDetector } from '@opentelemetry/resources'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { ExportFaults } from './export-faults.ts'
import type { Logger } from './log.ts'
import type { Carrier } from './carrier.ts'
import type { Span, Tracer } from './tracing.ts'
import { version } from './version.ts'
import { within } from './within.ts'

/** The time that the last spans may take to leave, in milliseconds; less where the collector was away already. */
const flushMs = 1_000
const awayMs = 200

/** No detector of the process: its command line has tokens and passwords. */
const resourceDetectors = [serviceInstanceIdDetector, hostDetector, envDetector]

/** Traces by the OpenTelemetry SDK, configured by the `OTEL_*` variables that it reads itself. Loads slowly. */
export function startOtelTracer(log: Pick<Logger, 'warn'>): Tracer {
  const faults = new ExportFaults(log)
  faults.listen()
  // OTEL_SERVICE_NAME, where it is set, is stronger.
  const resource = resourceFromAttributes({ 'service.name': 'sluice', 'service.version': version })
  const sdk = new NodeSDK({ resource, resourceDetectors, instrumentations: [] })
  sdk.start()
  return {
    start: (name, attributes, carrier, { kind = 'server', link } = {}) =>
      createSpan(name, { kind: kinds[kind], attributes, links: linksTo(link) }, contextOf(carrier)),
    async [Symbol.asyncDispose]() {
      // A collector that does not take them is told already, and holds nobody up.
      const sent = sdk.shutdown().catch(() => {})
      await within(faults.away ? awayMs : flushMs, sent)
      trace.disable()
      propagation.disable()
      context.disable()
    }
  }
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

const contextOf = (carrier: Carrier): Context => propagation.extract(ROOT_CONTEXT, carrier)

function linksTo(carrier: Carrier | undefined): Link[] {
  const linked = carrier && trace.getSpanContext(contextOf(carrier))
  return linked === undefined ? [] : [{ context: linked }]
}

function createSpan(name: string, options: SpanOptions, parent: Context): Span {
  const span = trace.getTracer('sluice').startSpan(name, options, parent)
  const own = trace.setSpan(parent, span)
  return {
    recording: true,
    traceId: span.spanContext().traceId,
    headers: () => {
      const carrier: Record<string, string> = {}
      propagation.inject(own, carrier)
      return Object.entries(carrier).flat()
    },
    child: (childName, childKind, attributes) => createSpan(childName, { kind: kinds[childKind], attributes }, own),
    set: more => void span.setAttributes(more),
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
