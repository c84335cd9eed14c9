import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const once = { delivery: { retry: 0 } }
const quickBreaker = { circuitBreaker: { volumeThreshold: 3 } }

describe('onFailure', () => {
  it('continue: the event passes on unchanged', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, onFailure: 'continue', ...once }] })
    expect(await (await gateway.post('{"a":1}')).json()).toEqual({ a: 1 })
  })

  it('continue: covers an input expression that fails', async () => {
    await using step = await startStep(json({ from: 'step' }))
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, input: '$error("no")', onFailure: 'continue' }]
    })
    expect(await (await gateway.post('{"a":1}')).json()).toEqual({ a: 1 })
    expect(step.requests).toHaveLength(0)
  })

  it.each([
    ['a when', { when: '$error("no")' }],
    ['an empty answer that is none', { onEmpty: 'fail' }]
  ])('continue: covers %s that fails', async (_what, options) => {
    await using step = await startStep(200)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...options, onFailure: 'continue' }] })
    const response = await gateway.post('{"a":1}')
    expect([response.status, await response.json()]).toEqual([200, { a: 1 }])
  })

  it('covers a transform that fails, in all its forms', async () => {
    await using spare = await startStep(json({ from: 'spare' }))
    for (const [onFailure, expected] of [
      ['continue', { a: 1 }],
      [{ fallback: { data: { label: 'unknown' } } }, { label: 'unknown' }],
      [{ fallback: { uri: spare.url } }, { from: 'spare' }]
    ]) {
      await using gateway = await startTestGateway({ steps: [{ name: 'shape', transform: '$error("no")', onFailure }] })
      const response = await gateway.post('{"a":1}')
      expect([response.status, await response.json()]).toEqual([200, expected])
    }
    expect(spare.requests.map(({ body }) => body.toString())).toEqual(['{"a":1}'])
  })

  it('fallback: that fails as well leaves the failure of a transform, which had no attempt', async () => {
    await using spare = await startStep(418)
    await using gateway = await startTestGateway({
      steps: [{ name: 'shape', transform: '$error("no")', onFailure: { fallback: { uri: spare.url } } }]
    })
    const problem = await (await gateway.post()).json()
    expect(problem).toMatchObject({ code: 'EXPRESSION_FAILED', step: 'shape', attempts: 0 })
  })

  it('fallback: does not count among the attempts of the step', async () => {
    await using step = await startStep(500)
    await using spare = await startStep(418)
    await using gateway = await startTestGateway({
      steps: [
        { uri: step.url, onFailure: { fallback: { uri: spare.url } }, delivery: { retry: 1, backoffDelay: '1ms' } }
      ]
    })
    expect(await (await gateway.post()).json()).toMatchObject({ upstreamStatus: 500, attempts: 2 })
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

  it('fallback: serves while the breaker of the step is open', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({
      steps: [
        {
          uri: step.url,
          onFailure: { fallback: { data: 'spare', contentType: 'text/plain' } },
          ...once,
          ...quickBreaker
        }
      ]
    })
    const replies = []
    for (let i = 0; i < 10; i++) {
      const response = await gateway.post()
      replies.push(`${response.status} ${response.headers.get('content-type')} ${await response.text()}`)
    }
    expect(new Set(replies)).toEqual(new Set(['200 text/plain spare']))
    expect(step.requests.length).toBeLessThan(10)
  })

  it('fallback: a list is tried in order, and its last may be data', async () => {
    await using step = await startStep(500)
    await using first = await startStep(503)
    await using second = await startStep(json({ from: 'second' }))
    const fallback: unknown[] = [{ uri: first.url }, { uri: second.url }, { data: 'last' }]
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, onFailure: { fallback }, ...once }] })
    expect(await (await gateway.post()).json()).toEqual({ from: 'second' })
    const shorter = [{ uri: first.url }, { data: 'last' }]
    await using other = await startTestGateway({
      steps: [{ uri: step.url, onFailure: { fallback: shorter }, ...once }]
    })
    expect(await (await other.post()).json()).toBe('last')
  })

  it('fallback: that fails as well leaves the failure of the step, and the detail names each with its status', async () => {
    await using step = await startStep(500)
    await using spare = await startStep(418)
    const fallback = [{ uri: `${spare.url}/a?secret` }, { uri: 'http://127.0.0.1:9/b' }]
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, onFailure: { fallback }, ...once }] })
    const problem = (await (await gateway.post()).json()) as Record<string, unknown>
    expect(problem).toMatchObject({ code: 'STEP_FAILED', upstreamStatus: 500, step: 'step-1' })
    expect(problem['detail']).toMatch(
      /answered 500; its fallbacks failed too: http:[^ ]*\/a answered 418, http:\/\/127.0.0.1:9\/b failed \(STEP_UNREACHABLE\)$/
    )
  })

  it('fallback: that answers nothing is as empty as the step would be', async () => {
    await using step = await startStep(500)
    await using spare = await startStep(204)
    const onFailure = { fallback: { uri: spare.url } }
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, onFailure, ...once }] })
    expect((await gateway.post()).status).toBe(204)
  })

  it('nothing helps a request whose deadline is over', async () => {
    await using step = await startStep(() => new Promise(() => {}))
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, onFailure: 'continue' }],
      spec: { deadline: '100ms' }
    })
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'DEADLINE_EXCEEDED', status: 504 })
  })
})
