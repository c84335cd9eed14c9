import { describe, expect, it } from 'vitest'
import { startFairClock } from '../helpers/fair-clock.ts'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const disabled = { circuitBreaker: { enabled: false } }

describe('retries', () => {
  it('repeat only the failing step', async () => {
    await using one = await startStep({ body: '1' })
    await using two = await startStep(500)
    await using three = await startStep({ body: '3' })
    await using gateway = await startTestGateway({
      steps: [one.url, { uri: two.url, delivery: { retry: 2, ...atOnce } }, three.url]
    })
    expect((await gateway.post()).status).toBe(502)
    expect([one, two, three].map(step => step.requests.length)).toEqual([1, 3, 0])
  })

  it('give the answer of the attempt that went well, with one event id over all attempts', async () => {
    await using step = await startStep(503, 429, { body: 'ok' })
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { retry: 5, ...atOnce } }] })
    const response = await gateway.post()
    expect(await response.text()).toBe('ok')
    expect(new Set(step.requests.map(({ headers }) => headers['ce-id'])).size).toBe(1)
  })

  it('wait as long as Retry-After asks, up to its cap', async () => {
    await using step = await startStep({ status: 503, headers: { 'retry-after': '60' } }, { body: 'ok' })
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: { retry: 1, ...atOnce, retryAfterMax: '300ms' } }]
    })
    expect((await gateway.post()).status).toBe(200)
    const [first, second] = step.requests
    const waited = (second?.at ?? 0) - (first?.at ?? 0)
    expect(waited).toBeGreaterThanOrEqual(290)
  })

  it.each(['linear', 'exponential'])('wait no longer than backoffMax: %s', async backoffPolicy => {
    await using step = await startStep(503)
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: { retry: 4, backoffPolicy, backoffDelay: '60s', backoffMax: '20ms' } }]
    })
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'STEP_FAILED', attempts: 5 })
  })

  it('take Retry-After as a date, too, and never come sooner than it says', async () => {
    const retryAfter = () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toUTCString()
    await using step = await startStep(() => ({ status: 429, headers: { 'retry-after': retryAfter() } }), {
      body: 'ok'
    })
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { retry: 1, ...atOnce } }] })
    expect((await gateway.post()).status).toBe(200)
    const [first, second] = step.requests
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(900)
  })

  it('end when the caller goes away between two of them', async () => {
    await using step = await startStep({ status: 503, headers: { 'retry-after': '20' } }, { body: 'ok' })
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { retry: 1, ...atOnce } }] })
    const caller = new AbortController()
    const posted = gateway.post('{}', { signal: caller.signal }).catch(() => 'gone')
    await step.waitForRequests(1)
    caller.abort()
    expect(await posted).toBe('gone')
    const cancelled = 'sluice_requests_total{pipeline="default/test",mode="sync",outcome="cancelled"} 1'
    const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text()
    await waitFor(async () => (await metrics()).includes(cancelled), { what: 'the request to be cancelled' })
    expect(step.requests).toHaveLength(1)
  })

  it('do not begin when the deadline would pass first', async () => {
    await using step = await startStep({ status: 503, headers: { 'retry-after': '30' } })
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: { retry: 3, ...atOnce } }],
      spec: { deadline: '2s' }
    })
    const clock = startFairClock()
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'STEP_FAILED', attempts: 1 })
    expect(clock.elapsed()).toBeLessThan(1500)
  })

  it('stay within the budget of the origin: an outage is not multiplied', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: { retry: 5, ...atOnce }, ...disabled }]
    })
    const startedAt = performance.now()
    for (let i = 0; i < 300; i += 20)
      await Promise.all(Array.from({ length: 20 }, async () => (await gateway.post()).arrayBuffer()))
    const seconds = (performance.now() - startedAt) / 1000
    expect(step.requests.length).toBeGreaterThanOrEqual(300)
    expect(step.requests.length).toBeLessThanOrEqual(1.2 * 300 + 10 * seconds + 100)
  })
})

describe('deadlines', () => {
  it('end the request, whatever the timeout of the step', async () => {
    await using step = await startStep(() => new Promise(() => {}))
    await using gateway = await startTestGateway({ steps: [step.url], spec: { deadline: '150ms' } })
    const response = await gateway.post()
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({ code: 'DEADLINE_EXCEEDED', step: 'step-1' })
  })

  it('are for the request as a whole, not for each step', async () => {
    const slow = () => new Promise<{ body: string }>(resolve => setTimeout(resolve, 200, { body: 'late' }))
    await using step = await startStep(slow)
    await using gateway = await startTestGateway({
      steps: Array.from({ length: 5 }, () => step.url),
      spec: { deadline: '500ms' }
    })
    const response = await gateway.post()
    const problem = (await response.json()) as { readonly code: string; readonly step: string }
    expect(problem.code).toBe('DEADLINE_EXCEEDED')
    expect(response.headers.get('server-timing')).toContain(`${problem.step};dur=`)
    expect(step.requests.length).toBeLessThan(5)
  })

  it('and the caller who goes away end the call of the step', async () => {
    await using step = await startStep(() => new Promise(() => {}))
    await using gateway = await startTestGateway({ steps: [step.url] })
    const caller = new AbortController()
    const posted = gateway.post('{}', { signal: caller.signal }).catch(() => 'gone')
    const [request] = await step.waitForRequests(1)
    caller.abort()
    expect(await posted).toBe('gone')
    await waitFor(() => request?.signal.aborted, { what: 'the call of the step to be aborted' })
  })
})
