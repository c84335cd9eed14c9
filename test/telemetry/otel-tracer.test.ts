import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startProcess } from '../helpers/process.ts'
import { attributesOf, startCollector } from './collector.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const carrier = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: 'a=1', baggage: 'b=2' }

/** The SDK registers itself for the whole process, so it gets one of its own. */
async function traced(script: string, env: Record<string, string> = {}) {
  await using collector = await startCollector()
  const source = `
    import { createTracer } from './src/telemetry/create-tracer.ts'
    const carrier = ${JSON.stringify(carrier)}
    const log = { warn: fields => console.log('warned', JSON.stringify(fields)) }
    const tracer = await createTracer(true, log)
    ${script}
    await tracer[Symbol.asyncDispose]()
    await tracer[Symbol.asyncDispose]()
  `
  await using child = await startProcess(process.execPath, ['--input-type=module', '-e', source], {
    env: { ...process.env, ...collector.env, ...env }
  })
  const exit = await child.exit
  expect([exit.code, child.output.stderr]).toEqual([0, ''])
  return { ...collector.received(), output: child.output.stdout }
}

describe('traces', () => {
  it('are one for a request, with a span for each step and attempt, sent before the process ends', async () => {
    const { span, service } = await traced(`
      const request = tracer.start('POST default/comments', { 'sluice.pipeline': 'default/comments' }, {})
      const step = request.child('step filter', 'internal', { 'sluice.step': 'filter' })
      step.child('POST filter', 'client', { 'sluice.attempt': 1 }).end()
      step.end({ 'sluice.outcome': 'replied' })
      request.end()
    `)
    const [request, step, attempt] = [span('POST default/comments'), span('step filter'), span('POST filter')]
    expect(new Set([request.traceId, step.traceId, attempt.traceId]).size).toBe(1)
    expect([step.parentSpanId, attempt.parentSpanId]).toEqual([request.spanId, step.spanId])
    expect([request.kind, step.kind, attempt.kind]).toEqual([2, 1, 3])
    expect(attributesOf(request)).toEqual({ 'sluice.pipeline': 'default/comments' })
    expect(attributesOf(step)).toEqual({ 'sluice.step': 'filter', 'sluice.outcome': 'replied' })
    expect(service).toEqual({ stringValue: 'sluice' })
  })

  it('continue that of the caller, and hand their own span on', async () => {
    const { span, output } = await traced(`
      const request = tracer.start('request', {}, carrier)
      const attempt = request.child('attempt', 'client', {})
      console.log(JSON.stringify([attempt.traceId, attempt.headers()]))
      attempt.end()
      request.end()
    `)
    expect(span('request')).toMatchObject({ traceId, parentSpanId: '00f067aa0ba902b7' })
    const handedOn = [
      'traceparent',
      `00-${traceId}-${span('attempt').spanId}-01`,
      'tracestate',
      'a=1',
      'baggage',
      'b=2'
    ]
    expect(JSON.parse(output)).toEqual([traceId, handedOn])
  })

  it('tell a failure by its code', async () => {
    const { span } = await traced(`
      const request = tracer.start('request', {}, {})
      request.fail('STEP_FAILED', 'it answered 500')
      request.end()
    `)
    expect(span('request').status).toEqual({ code: 2, message: 'it answered 500' })
    expect(attributesOf(span('request'))).toEqual({ 'error.type': 'STEP_FAILED' })
  })

  it('have the name of the service that the environment gives', async () => {
    const { service } = await traced(`tracer.start('request', {}, {}).end()`, { OTEL_SERVICE_NAME: 'comments' })
    expect(service).toEqual({ stringValue: 'comments' })
  })

  it('say which version of what made them, and not with which arguments', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    const { resource } = await traced(`tracer.start('request', {}, {}).end()`, {
      OTEL_NODE_RESOURCE_DETECTORS: 'all',
      OTEL_RESOURCE_ATTRIBUTES: 'team=models'
    })
    expect(resource).toMatchObject({ 'service.name': 'sluice', 'service.version': version, team: 'models' })
    expect(Object.keys(resource).filter(name => name.startsWith('process.'))).toEqual([])
  })

  it('are all that is sent', async () => {
    const { paths } = await traced(`tracer.start('request', {}, {}).end()`)
    expect(paths).toEqual(new Set(['/v1/traces']))
  })
})

describe('the SDK', () => {
  it.each([
    [false, []],
    [true, ['loaded']]
  ])('is loaded only when traces are wanted: %s', async (wanted, loaded) => {
    const source = `
      import { registerHooks } from 'node:module'
      const loaded = new Set()
      registerHooks({ load: (url, context, next) => { loaded.add(url); return next(url, context) } })
      await import('./src/telemetry/tracing.ts')
      const { createTracer } = await import('./src/telemetry/create-tracer.ts')
      const tracer = await createTracer(${wanted}, { warn() {} })
      if ([...loaded].some(url => url.includes('/@opentelemetry/sdk-node/'))) console.log('loaded')
      await tracer[Symbol.asyncDispose]()
    `
    const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' }
    await using child = await startProcess(process.execPath, ['--input-type=module', '-e', source], { env })
    expect(await child.exit).toEqual({ code: 0, signal: null })
    expect(child.output.stdout.split('\n').filter(line => line !== '')).toEqual(loaded)
  })
})
