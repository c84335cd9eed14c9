import { expect } from 'vitest'
import { startStep } from '../helpers/step-server.ts'

export interface ExportedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code: number; readonly message?: string }
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
  readonly links?: readonly Pick<ExportedSpan, 'traceId' | 'spanId'>[]
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: Pick<ExportedSpan, 'attributes'>
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[]
  }[]
}

export interface Collector extends AsyncDisposable {
  /** The environment with which a process sends its traces here. */
  readonly env: Readonly<Record<string, string>>
  /** The spans that came so far. */
  received(): Received
}

export interface Received {
  readonly paths: ReadonlySet<string>
  readonly service: unknown
  /** The attributes of the resources that they come from. */
  readonly resource: Readonly<Record<string, unknown>>
  readonly spans: readonly ExportedSpan[]
  /** The first span of that name; fails when there is none. */
  span(name: string): ExportedSpan
}

/** Takes traces by OTLP over HTTP, as JSON. */
export async function startCollector(): Promise<Collector> {
  const server = await startStep({ headers: { 'content-type': 'application/json' }, body: '{}' })
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: server.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    received() {
      const bodies = server.requests
        .filter(({ url }) => url === '/v1/traces')
        .map(({ body }) => JSON.parse(body.toString()) as Exported)
      const resources = bodies.flatMap(({ resourceSpans }) => resourceSpans)
      const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap(scope => scope.spans))
      return {
        paths: new Set(server.requests.map(({ url }) => url)),
        service: resources.flatMap(({ resource }) => resource.attributes).find(({ key }) => key === 'service.name')
          ?.value,
        resource: Object.assign({}, ...resources.map(({ resource }) => attributesOf(resource))),
        spans,
        span: name => spans.find(span => span.name === name) ?? expect.fail(`no span ${name}`)
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]()
  }
}

export const attributesOf = ({ attributes }: Pick<ExportedSpan, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
