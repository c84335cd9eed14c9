import { describe, expect, it } from 'vitest'
import { tracingWanted } from '../../src/telemetry/tracing-wanted.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }

describe('traces are exported', () => {
  it.each([
    ['to an endpoint for everything', endpoint],
    ['to an endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' }],
    ['by a named exporter', { OTEL_TRACES_EXPORTER: 'console' }],
    ['by a named exporter beside an endpoint', { ...endpoint, OTEL_TRACES_EXPORTER: 'otlp' }],
    ['when the SDK is not disabled', { ...endpoint, OTEL_SDK_DISABLED: 'false' }]
  ])('%s', (_name, env) => {
    expect(tracingWanted(env)).toBe(true)
  })

  it.each([
    ['when nothing asks for them', {}],
    ['to an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['by the exporter "none"', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }],
    ['when the SDK is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }],
    ['when only metrics have an endpoint', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://localhost:4318' }]
  ])('not %s', (_name, env) => {
    expect(tracingWanted(env)).toBe(false)
  })

  it('to the endpoint for traces when the one for everything is empty', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318' }
    expect(tracingWanted(env)).toBe(true)
  })
})
