import { describe, expect, it } from 'vitest'
import { startCheckout, startCli } from '../helpers/cli.ts'
import { startFairClock } from '../helpers/fair-clock.ts'
import type { RunningProcess } from '../helpers/process.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { attributesOf, startCollector } from './collector.ts'

const callerTraceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const callerSpanId = '00f067aa0ba902b7'
const traceparent = `00-${callerTraceId}-${callerSpanId}-01`

interface ServedGateway {
  readonly process: RunningProcess
  readonly url: string
  readonly adminUrl: string
}

/** A gateway process with the pipeline `default/test`, of the one step `model`; ended by SIGTERM after its use. */
async function withGateway<T>(
  stepUrl: string,
  env: Record<string, string>,
  use: (gateway: ServedGateway) => Promise<T>,
  start: typeof startCli = startCli
): Promise<T> {
  await using folder = await createTempFolder()
  const file = await folder.write(
    'test.yaml',
    `apiVersion: sluice.dev/v1alpha1
kind: ServingPipeline
metadata: {name: test}
spec: {steps: [{name: model, uri: ${stepUrl}, delivery: {retry: 1, backoffDelay: 1ms}}]}
`
  )
  const args = ['run', file, '--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
  await using gateway = await start(args, { env, cwd: folder.path })
  const [, url = '', adminUrl = ''] = await gateway.waitForLine(/^sluice ready on (\S+) \(admin (\S+?),/)
  const used = await use({ process: gateway, url: `${url}/default/test`, adminUrl })
  gateway.kill('SIGTERM')
  expect(await gateway.exit).toEqual({ code: 0, signal: null })
  return used
}

const post = (url: string, headers: Record<string, string> = {}, body = '{}'): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })

/** Without the end of the process, spans would be sent after a minute only. */
const sendAtTheEnd = { OTEL_BSP_SCHEDULE_DELAY: '60000' }

describe('the traces of a gateway', () => {
  it('have a span for the request, its step and each attempt, and go on in the step', async () => {
    await using collector = await startCollector()
    await using step = await startStep(503, { headers: { 'content-type': 'application/json' }, body: '{"ok":true}' })
    const answer = await withGateway(step.url, { ...collector.env, ...sendAtTheEnd }, ({ url }) => post(url))
    expect(answer.status).toBe(200)

    const { span, spans, service } = collector.received()
    expect(service).toEqual({ stringValue: 'sluice' })
    expect(spans.map(({ name }) => name).sort()).toEqual([
      'POST default/test',
      'POST model',
      'POST model',
      'step model'
    ])
    const [request, visit] = [span('POST default/test'), span('step model')]
    const attempts = spans.filter(({ name }) => name === 'POST model')
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect([request.kind, visit.kind, ...attempts.map(({ kind }) => kind)]).toEqual([2, 1, 3, 3])
    expect(request.parentSpanId ?? '').toBe('')
    expect(visit.parentSpanId).toBe(request.spanId)
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([visit.spanId, visit.spanId])
    expect(step.requests.map(({ headers }) => headers['traceparent'])).toEqual(
      attempts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)
    )
    expect(attributesOf(request)).toMatchObject({
      'http.request.method': 'POST',
      'sluice.pipeline': 'default/test',
      'sluice.request_id': answer.headers.get('sluice-request-id'),
      'sluice.outcome': 'replied'
    })
    expect(attributesOf(visit)).toMatchObject({ 'sluice.step': 'model', 'sluice.outcome': 'replied' })
    expect(attempts.map(attributesOf)).toMatchObject([
      {
        'sluice.attempt': 1,
        'error.type': 'STEP_FAILED',
        'sluice.outcome': 'failed',
        'http.response.status_code': 503
      },
      {
        'sluice.attempt': 2,
        'http.request.resend_count': 1,
        'sluice.outcome': 'reply',
        'http.response.status_code': 200
      }
    ])
    expect(attempts.map(({ status }) => status.code)).toEqual([2, 0])
  })

  it('say of each attempt what was called, without what may be a secret', async () => {
    await using collector = await startCollector()
    await using step = await startStep({ body: 'ok' })
    const env = { ...collector.env, ...sendAtTheEnd }
    await withGateway(`${step.url}/v1/score?key=secret`, env, ({ url }) => post(url))
    expect(step.requests[0]?.url).toBe('/v1/score?key=secret')
    const { span, spans } = collector.received()
    expect(attributesOf(span('POST model'))).toMatchObject({
      'http.request.method': 'POST',
      'url.full': `${step.url}/v1/score`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(step.url).port),
      'http.response.status_code': 200
    })
    expect(JSON.stringify(spans)).not.toContain('secret')
  })

  it.each(['', 'respond-async, wait=10'])(
    'describe the HTTP request of a caller by the conventions, with Prefer %j',
    async prefer => {
      await using collector = await startCollector()
      await using step = await startStep(202, { headers: { 'content-type': 'application/json' }, body: '{}' })
      const env = { ...collector.env, ...sendAtTheEnd }
      const [address, statuses] = await withGateway(step.url, env, async ({ url }) => {
        const answers = [await post(`${url}?key=secret`, { prefer }), await post(url, { prefer })]
        return [new URL(url), answers.map(({ status }) => status)]
      })
      expect(statuses).toEqual([204, 200])
      const { spans } = collector.received()
      const server = spans.filter(({ kind }) => kind === 2)
      const known = {
        'http.request.method': 'POST',
        'http.route': '/{namespace}/{pipeline}',
        'url.scheme': 'http',
        'url.path': '/default/test',
        'server.address': '127.0.0.1',
        'server.port': Number(address.port),
        'network.protocol.version': '1.1'
      }
      expect(server.map(attributesOf)).toMatchObject([
        { ...known, 'http.response.status_code': 204 },
        { ...known, 'http.response.status_code': 200 }
      ])
      expect(JSON.stringify(spans)).not.toContain('secret')
    }
  )

  it('link a replay to what it replays', async () => {
    await using collector = await startCollector()
    await using step = await startStep(400, { headers: { 'content-type': 'application/json' }, body: '{}' })
    const env = { ...collector.env, ...sendAtTheEnd }
    await withGateway(step.url, env, async ({ process, url, adminUrl }) => {
      const id = (await post(url, { prefer: 'respond-async', traceparent })).headers.get('sluice-request-id')
      await process.waitForLine(/is kept as a dead letter/)
      expect((await fetch(`${adminUrl}/deadletters/${id}/replay`, { method: 'POST' })).status).toBe(202)
      await waitFor(() => step.requests.length === 2, { what: 'the call of the replay' })
    })
    const { span, spans } = collector.received()
    const accept = span('accept default/test')
    const replay = span('replay default/test')
    expect(accept.traceId).toBe(callerTraceId)
    expect(replay.traceId).not.toBe(callerTraceId)
    expect(replay.links).toMatchObject([{ traceId: callerTraceId, spanId: accept.spanId }])
    const runs = spans.filter(({ name }) => name === 'run default/test')
    expect(runs.map(({ traceId, kind }) => [traceId, kind])).toEqual([
      [callerTraceId, 1],
      [replay.traceId, 1]
    ])
  })

  it('that no collector takes are one line in the log, and do not hold up the end', async () => {
    await using step = await startStep({ body: 'ok' })
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_BSP_SCHEDULE_DELAY: '50' }
    const told = /traces cannot be exported/
    const { stderr, endedIn } = await withGateway(step.url, env, async ({ process, url }) => {
      await post(url)
      await process.waitForLine(told)
      for (let i = 0; i < 5; i++) await post(url)
      const clock = startFairClock(process.pid)
      process.kill('SIGTERM')
      await process.exit
      return { stderr: process.output.stderr, endedIn: clock.elapsed() }
    })
    expect(stderr.split('\n').filter(line => told.test(line))).toHaveLength(1)
    expect(endedIn).toBeLessThan(5_500)
  })

  it('that a collector takes and never answers do not hold up the end either', async () => {
    await using collector = await startStep(() => new Promise<number>(() => {}))
    await using step = await startStep({ body: 'ok' })
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
    const endedIn = await withGateway(step.url, env, async ({ process, url }) => {
      await post(url)
      await collector.waitForRequests(1)
      await post(url)
      const clock = startFairClock(process.pid)
      process.kill('SIGTERM')
      await process.exit
      return clock.elapsed()
    })
    expect(endedIn).toBeLessThan(8_000)
  })

  it('continue that of the caller; a failure is told with its trace to the caller, the log and the trace', async () => {
    await using collector = await startCollector()
    await using step = await startStep({ status: 400, body: 'context too long' })
    const env = { ...collector.env, ...sendAtTheEnd }
    const { problem, log } = await withGateway(step.url, env, async ({ process, url }) => {
      const answer = await post(url, { traceparent })
      const [line] = await process.waitForLine(/^\{.*a request failed.*$/)
      return { problem: await answer.json(), log: JSON.parse(line) as unknown }
    })
    const { span } = collector.received()
    expect(span('POST default/test')).toMatchObject({
      traceId: callerTraceId,
      parentSpanId: callerSpanId,
      status: { code: 2 }
    })
    expect(attributesOf(span('POST default/test'))).toMatchObject({
      'error.type': 'STEP_REJECTED',
      'sluice.outcome': 'failed'
    })
    const words = 'context too long'
    expect(attributesOf(span('POST model'))).toMatchObject({ 'sluice.upstream_body': words })
    expect(step.requests[0]?.headers['traceparent']).toBe(`00-${callerTraceId}-${span('POST model').spanId}-01`)
    expect(problem).toMatchObject({ code: 'STEP_REJECTED', traceId: callerTraceId, upstreamBody: words })
    const err = { code: 'STEP_REJECTED', step: 'model', attempts: 1, upstreamBody: words }
    expect(log).toMatchObject({ traceId: callerTraceId, err })
  })

  it('and its log have neither secrets nor payloads', async () => {
    const canary = 'canary-5d1f0c'
    await using collector = await startCollector()
    await using step = await startStep({ status: 500, headers: { 'x-model': canary }, body: 'out of memory' })
    const env = {
      ...collector.env,
      ...sendAtTheEnd,
      SLUICE_LOG_LEVEL: 'trace',
      SLUICE_AUTH_TOKEN: `token-${canary}`
    }
    const headers = { authorization: `Bearer token-${canary}`, cookie: canary, 'x-api-key': canary }
    const { status, output } = await withGateway(step.url, env, async ({ process, url }) => {
      const answer = await post(url, headers, JSON.stringify({ text: canary }))
      await process.waitForLine(/a request failed/)
      return { status: answer.status, output: process.output }
    })
    expect(status).toBe(502)
    expect(step.requests).toHaveLength(2)
    expect(`${output.stdout}${output.stderr}`).not.toContain('canary')
    expect(JSON.stringify(collector.received().spans)).not.toContain('canary')
  })
})

describe('a gateway process', () => {
  /** Tells on its standard error each module of OpenTelemetry that is loaded. */
  const tellLoading = `
    import { registerHooks } from 'node:module'
    import { writeSync } from 'node:fs'
    registerHooks({
      load(url, context, next) {
        if (url.includes('/@opentelemetry/')) writeSync(2, 'loaded ' + url + '\\n')
        return next(url, context)
      }
    })`
  const loading = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tellLoading)}` }
  const notWanted = { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_EXPORTER: '' }

  it.each([
    ['loads nothing of OpenTelemetry without its variables', notWanted, false],
    ['loads the SDK when a variable asks for traces', { OTEL_TRACES_EXPORTER: 'console' }, true]
  ])('%s', async (_name, env, loaded) => {
    await using step = await startStep({ headers: { 'content-type': 'application/json' }, body: '{}' })
    const use = async ({ process, url }: ServedGateway) => {
      expect((await post(url, { traceparent })).status).toBe(200)
      return process.output.stderr
    }
    const stderr = await withGateway(step.url, { ...env, ...loading }, use, startCheckout)
    expect(stderr.includes('loaded ')).toBe(loaded)
    const received = step.requests[0]?.headers['traceparent']
    expect([received?.includes(callerTraceId), received === traceparent]).toEqual([true, !loaded])
  })
})
