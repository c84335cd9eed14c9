import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

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

describe('a transform', () => {
  it.each([
    ['data.missing', 'the expression gave nothing'],
    ['{"specversion": "1.0"}', '"id" is missing'],
    ['$merge([$, {"time": "soon"}])', '"time"'],
    ['$merge([$, {"Bad-Name": 1}])', '"Bad-Name"'],
    ['$merge([$, {"datacontenttype": "a/b\\r\\nx: 1"}])', '"datacontenttype"']
  ])('whose result is neither data nor an event says why: %s', async (transform, why) => {
    await using gateway = await startTestGateway({ steps: [{ name: 'shape', transform }] })
    const response = await gateway.post()
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({
      code: 'EXPRESSION_FAILED',
      step: 'shape',
      attempts: 0,
      detail: expect.stringContaining(why)
    })
  })

  it('takes members named like parts of JavaScript as data', async () => {
    await using gateway = await startTestGateway({ steps: [{ transform: '{"keys": $keys(data), "x": data.x}' }] })
    const response = await gateway.post('{"__proto__": {"x": 1}, "constructor": 2}')
    expect(await response.json()).toEqual({ keys: ['__proto__', 'constructor'] })
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

  it('that travel anyway come once, though the pipeline names them', async () => {
    await using step = await startStep(json({}))
    await using gateway = await startTestGateway({
      steps: [step.url],
      spec: { headers: { propagate: ['traceparent', 'baggage', 'x-request-id', 'kn-namespace'] } }
    })
    const sent = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, baggage: 'k=v', 'x-request-id': 'mine' }
    await gateway.post('{}', { headers: { ...sent, 'kn-namespace': 'other' } })
    const names = step.requests[0]?.rawHeaders.filter((_, i) => i % 2 === 0) ?? []
    expect(names).toEqual([...new Set(names)])
    expect(step.requests[0]?.headers).toMatchObject({ ...sent, 'kn-namespace': 'default' })
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
