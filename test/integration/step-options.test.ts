import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const once = { delivery: { retry: 0 } }

describe('expressions', () => {
  it('when: skips the step, and the event passes on', async () => {
    await using step = await startStep(json({ from: 'step' }))
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, when: 'data.score > 0.5' }] })
    expect(await (await gateway.post('{"score":0.4}')).json()).toEqual({ score: 0.4 })
    expect(await (await gateway.post('{"score":0.6}')).json()).toEqual({ from: 'step' })
    expect(step.requests).toHaveLength(1)
  })

  it('see the request and the replies of earlier steps', async () => {
    await using one = await startStep(json({ label: 'spam' }))
    await using two = await startStep(({ body }) => ({ headers: { 'content-type': 'application/json' }, body }))
    await using gateway = await startTestGateway({
      steps: [
        { name: 'one', uri: one.url },
        { name: 'two', uri: two.url, input: '{"label": $steps.one.data.label, "text": $request.data.text}' },
        { name: 'three', uri: two.url, input: 'request', when: '$steps.two.data.label = "spam"' }
      ]
    })
    expect(await (await gateway.post('{"text":"hi"}')).json()).toEqual({ text: 'hi' })
    expect(two.requests.map(({ body }) => JSON.parse(body.toString()))).toEqual([
      { label: 'spam', text: 'hi' },
      { text: 'hi' }
    ])
  })

  it('transform: makes the data, or the event', async () => {
    await using gateway = await startTestGateway({
      steps: [
        { transform: '{"sum": $sum(data.n)}' },
        { transform: '$merge([$, {"type": "com.sum", "data": {"total": data.sum}}])' }
      ]
    })
    const response = await gateway.post('{"n":[1,2,3]}')
    expect(response.headers.get('ce-type')).toBe('com.sum')
    expect(await response.json()).toEqual({ total: 6 })
  })

  it.each([
    ['$error("no")', '{}', 'EXPRESSION_FAILED'],
    ['data.a.b = 1', '{"a":', 'EXPRESSION_FAILED'],
    ['($f := function($n){$f($n+1)}; $f(0))', '{}', 'EXPRESSION_LIMIT']
  ])('that fail are told by name: %s', async (when, body, code) => {
    await using step = await startStep(200)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, when }] })
    const response = await gateway.post(body)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ code, step: 'step-1' })
  })
})

describe('onFailure', () => {
  it('continue: the event passes on unchanged', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, onFailure: 'continue', ...once }] })
    expect(await (await gateway.post('{"a":1}')).json()).toEqual({ a: 1 })
  })

  it('fallback: another destination, or fixed data', async () => {
    await using step = await startStep(500)
    await using spare = await startStep(json({ from: 'spare' }))
    for (const [fallback, expected] of [
      [{ uri: spare.url }, { from: 'spare' }],
      [{ data: { label: 'unknown' } }, { label: 'unknown' }]
    ]) {
      await using gateway = await startTestGateway({ steps: [{ uri: step.url, onFailure: { fallback }, ...once }] })
      expect(await (await gateway.post()).json()).toEqual(expected)
    }
    expect(spare.requests[0]?.body.toString()).toBe('{"text":"hello"}')
  })
})

describe('headers', () => {
  it('reach steps only when the pipeline names them', async () => {
    await using step = await startStep(json({}))
    await using gateway = await startTestGateway({
      steps: [step.url],
      spec: { headers: { propagate: ['X-Tenant', 'cookie'] } }
    })
    await gateway.post('{}', {
      headers: { 'x-tenant': 'a', cookie: 'b', authorization: 'Bearer c', 'x-other': 'd', 'x-request-id': 'mine' }
    })
    const [request] = step.requests
    expect(request?.headers).toMatchObject({
      'x-tenant': 'a',
      cookie: 'b',
      'x-request-id': 'mine',
      prefer: 'reply',
      'kn-namespace': 'default'
    })
    expect(request?.headers).not.toHaveProperty('authorization')
    expect(request?.headers).not.toHaveProperty('x-other')
  })

  it('of the trace context pass through; a wrong one does not, and HTTP wins over the event', async () => {
    await using step = await startStep(json({}))
    await using gateway = await startTestGateway({ steps: [step.url, step.url] })
    const parent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`
    await gateway.post('{}', { headers: { traceparent: parent('a'), tracestate: 'x=1', baggage: 'k=v' } })
    await gateway.post('{}', { headers: { traceparent: 'garbage' } })
    const ce = {
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/s',
      'ce-type': 't',
      'ce-traceparent': parent('b')
    }
    await gateway.post('{}', { headers: ce })
    await gateway.post('{}', { headers: { ...ce, traceparent: parent('c') } })
    const traces = step.requests.map(({ headers }) => headers['traceparent'])
    expect(traces).toEqual(['a', 'a', undefined, undefined, 'b', 'b', 'c', 'c'].map(digit => digit && parent(digit)))
    expect(step.requests[1]?.headers).toMatchObject({ tracestate: 'x=1', baggage: 'k=v' })
  })
})

describe('deadLetterSink', () => {
  it('gets the input of the failing step, and why it failed', async () => {
    await using one = await startStep(json({ from: 'one' }))
    await using two = await startStep({ status: 500, body: 'x'.repeat(3000) })
    await using sink = await startStep(503, 202)
    await using gateway = await startTestGateway({
      steps: [
        { name: 'one', uri: one.url },
        { name: 'two', uri: `${two.url}/m`, delivery: { retry: 1, ...atOnce, deadLetterSink: { uri: sink.url } } }
      ]
    })
    const response = await gateway.post()
    expect(response.status).toBe(502)
    const [, letter] = await sink.waitForRequests(2)
    expect(letter?.body.toString()).toBe('{"from":"one"}')
    expect(letter?.headers).toMatchObject({
      'ce-knativeerrordest': `${two.url}/m`,
      'ce-knativeerrorcode': '500',
      'ce-knativeerrordata': Buffer.from('x'.repeat(1024)).toString('base64'),
      'ce-sluicepipeline': 'default/test',
      'ce-sluicestep': 'two',
      'ce-sluiceattempts': '2',
      'ce-sluicerequestid': response.headers.get('sluice-request-id')
    })
    expect(letter?.headers).not.toHaveProperty('prefer')
  })

  it('gets nothing of what is filtered, or refused by an open breaker', async () => {
    let status = 202
    await using step = await startStep(() => status)
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [
        {
          uri: step.url,
          circuitBreaker: { volumeThreshold: 2 },
          delivery: { retry: 0, deadLetterSink: { uri: sink.url } }
        }
      ]
    })
    expect((await gateway.post()).status).toBe(204)
    status = 500
    await waitFor(async () => (await gateway.post()).status === 503, { what: 'the breaker to open' })
    const failures = step.requests.length - 1
    await sink.waitForRequests(failures)
    await gateway.post()
    await gateway[Symbol.asyncDispose]()
    expect(sink.requests).toHaveLength(failures)
  })
})
