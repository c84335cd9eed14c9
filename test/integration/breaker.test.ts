import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startFairClock } from '../helpers/fair-clock.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { freePort } from '../helpers/loopback.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const breaker = (resetTimeout = '10s') => ({
  circuitBreaker: { volumeThreshold: 5, resetTimeout },
  delivery: { retry: 0 }
})

async function statusesOf(post: () => Promise<Response>, count: number): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < count; i++) {
    const response = await post()
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  return statuses
}

describe('an open breaker', () => {
  it('answers 503 in no time, without touching the step', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...breaker() }] })
    await statusesOf(gateway.post, 10)
    const calls = step.requests.length
    const times: number[] = []
    for (let i = 0; i < 15; i++) {
      const clock = startFairClock()
      const response = await gateway.post()
      const problem = await response.json()
      times.push(clock.elapsed())
      expect(response.status).toBe(503)
      expect(problem).toMatchObject({ code: 'BREAKER_OPEN', step: 'step-1', attempts: 0 })
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(times.toSorted((a, b) => a - b)[7]).toBeLessThan(10)
    expect(step.requests).toHaveLength(calls)
  })

  it.each([
    ['does not open on a call that the steps before it left no time for', '190ms', 504],
    ['opens on a step that hangs until the deadline', '0ms', 503]
  ])('%s', async (_what, spent, status) => {
    await using slow = await startStep(async () => {
      await delay(Number.parseInt(spent))
      return { body: 'late' }
    })
    await using hung = await startStep(() => new Promise(() => {}))
    const steps = [slow.url, { uri: hung.url, ...breaker() }]
    await using gateway = await startTestGateway({ steps, spec: { deadline: '250ms' } })
    expect((await statusesOf(gateway.post, 8)).at(-1)).toBe(status)
  })

  it('closes when its probe goes well', async () => {
    let healthy = false
    await using step = await startStep(() => (healthy ? { body: 'ok' } : 500))
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...breaker('200ms') }] })
    expect(await statusesOf(gateway.post, 10)).toContain(503)
    healthy = true
    await waitFor(async () => (await statusesOf(gateway.post, 1))[0] === 200, { what: 'the breaker to close' })
    expect(await statusesOf(gateway.post, 20)).toEqual(Array.from({ length: 20 }, () => 200))
  })

  it('stays open when its probe fails', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...breaker('200ms') }] })
    await statusesOf(gateway.post, 10)
    const calls = step.requests.length
    await waitFor(async () => (await statusesOf(gateway.post, 1))[0] === 502, { what: 'a probe' })
    expect(await statusesOf(gateway.post, 5)).toEqual([503, 503, 503, 503, 503])
    expect(step.requests).toHaveLength(calls + 1)
  })

  it('does not close on a probe that its caller gave up', async () => {
    const gate = createGate()
    let hanging = false
    await using step = await startStep(async () => {
      if (hanging) await gate.opened
      return 500
    })
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...breaker('200ms') }] })
    await statusesOf(gateway.post, 10)
    hanging = true
    const calls = step.requests.length
    const caller = new AbortController()
    void waitFor(() => step.requests.length > calls, { what: 'the probe at the step' }).then(() => caller.abort())
    await waitFor(
      () =>
        gateway.post('{}', { signal: caller.signal }).then(
          () => false,
          () => true
        ),
      { what: 'the probe to be given up' }
    )
    expect(await statusesOf(gateway.post, 3)).toEqual([503, 503, 503])
    gate.open()
  })

  it('is shared by the steps that call one URL, whatever their query', async () => {
    await using step = await startStep(({ url }) => (url.endsWith('bad') ? 500 : { body: 'ok' }))
    // Every other call of the URL fails, which is not more than the usual half.
    const sharing = (uri: string) => ({
      uri,
      delivery: { retry: 0 },
      circuitBreaker: { volumeThreshold: 5, errorThresholdPercentage: 40 }
    })
    await using gateway = await startTestGateway({
      steps: [sharing(`${step.url}/model?good`), sharing(`${step.url}/model?bad`)]
    })
    await statusesOf(gateway.post, 12)
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'BREAKER_OPEN', step: 'step-1' })
  })

  it('does not close those of other models on the same server', async () => {
    await using step = await startStep(({ url }) => (url === '/bad' ? 500 : { body: 'ok' }))
    const steps = [`${step.url}/good`, `${step.url}/bad`].map(uri => ({ uri, ...breaker() }))
    await using gateway = await startTestGateway({ steps })
    await statusesOf(gateway.post, 12)
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'BREAKER_OPEN', step: 'step-2' })
    const { items } = (await (await fetch(`${gateway.adminUrl}/breakers`)).json()) as { items: unknown[] }
    expect(items).toEqual([
      { destination: `${step.url}/good`, state: 'closed' },
      { destination: `${step.url}/bad`, state: 'open' }
    ])
  })

  it('belongs to the reference that led to the URL', async () => {
    await using step = await startStep(500)
    const ref = { kind: 'Service', name: 'model' }
    const steps = [
      { ref, ...breaker(), onFailure: 'continue' },
      { uri: step.url, ...breaker() }
    ]
    const config = { resolve: new Map([['model', step.url]]) }
    await using gateway = await startTestGateway({ steps, config })
    await gateway.post()
    const { items } = (await (await fetch(`${gateway.adminUrl}/breakers`)).json()) as { items: unknown[] }
    expect(items).toMatchObject([{ destination: 'ref:Service/default/model' }, { destination: `${step.url}/` }])
  })
})

describe('a breaker', () => {
  it.each([
    [400, 422],
    [404, 502],
    [422, 422]
  ])('does not count %i', async (status, expected) => {
    await using step = await startStep(status)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...breaker() }] })
    expect(new Set(await statusesOf(gateway.post, 12))).toEqual(new Set([expected]))
  })

  it('counts timeouts and connections that fail', async () => {
    const port = await freePort()
    await using silent = await startStep(() => new Promise(() => {}))
    for (const uri of [`http://127.0.0.1:${port}`, silent.url]) {
      await using gateway = await startTestGateway({ steps: [{ uri, timeout: '30ms', ...breaker() }] })
      expect(await statusesOf(gateway.post, 12)).toContain(503)
    }
  })

  it('that is disabled never opens', async () => {
    await using step = await startStep(500)
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, ...breaker(), circuitBreaker: { enabled: false } }]
    })
    await statusesOf(gateway.post, 30)
    expect(step.requests).toHaveLength(30)
  })

  it('is not shared by steps with other settings', async () => {
    await using step = await startStep(({ url }) => (url === '/bad' ? 500 : { body: 'ok' }))
    await using gateway = await startTestGateway({
      steps: [
        { uri: `${step.url}/good`, circuitBreaker: { volumeThreshold: 6 } },
        { uri: `${step.url}/bad`, ...breaker() }
      ]
    })
    await statusesOf(gateway.post, 12)
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'BREAKER_OPEN', step: 'step-2' })
  })

  it('counts 429', async () => {
    await using step = await startStep(429)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, ...breaker() }] })
    expect(await statusesOf(gateway.post, 12)).toContain(503)
  })
})

describe('a breaker that has just closed', () => {
  /** A step that was ill until its probe, and tells how many calls it had under way as each began. */
  async function startRecovering() {
    const health = { well: false, wellAt: Infinity, underWay: 0, ended: 0 }
    const begun: { underWay: number; ended: number; sinceMs: number }[] = []
    const step = await startStep(async () => {
      if (!health.well) return 500
      health.wellAt = Math.min(health.wellAt, performance.now())
      health.underWay++
      begun.push({ underWay: health.underWay, ended: health.ended, sinceMs: performance.now() - health.wellAt })
      await new Promise(resolve => setTimeout(resolve, 20))
      health.underWay--
      health.ended++
      return { body: 'ok' }
    })
    return { step, health, begun, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
  }

  it('lets the load of many callers come back bit by bit', async () => {
    await using model = await startRecovering()
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, ...breaker('2s') }] })
    await statusesOf(gateway.post, 10)
    model.health.well = true
    const refusals: string[] = []
    const served = Array.from({ length: 200 }, () =>
      waitFor(
        async () => {
          const response = await gateway.post()
          if (response.ok) return true
          const { code, detail } = (await response.json()) as { code: string; detail: string }
          refusals.push(`${response.status} ${code} ${response.headers.get('retry-after')} ${detail}`)
          return false
        },
        { what: 'an answer', timeoutMs: 30_000 }
      )
    )
    await Promise.all(served)
    expect(refusals.filter(refusal => /^503 BREAKER_OPEN 1 .*bit by bit/.test(refusal))).not.toEqual([])
    // Four at first, one more with each that ended, and the share of 64 that the time is of the window of 2 s.
    const tooMany = model.begun.filter(({ underWay, ended, sinceMs }) => {
      const allowed = 4 + ended + (64 * sinceMs) / 2000
      return allowed < 64 && underWay > allowed
    })
    expect(tooMany).toEqual([])
    expect(Math.max(...model.begun.map(({ underWay }) => underWay))).toBeGreaterThan(8)
  })

  it('never refuses a caller who is alone', async () => {
    await using model = await startRecovering()
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, ...breaker('300ms') }] })
    await statusesOf(gateway.post, 10)
    model.health.well = true
    await waitFor(async () => (await statusesOf(gateway.post, 1))[0] === 200, { what: 'the breaker to close' })
    expect(new Set(await statusesOf(gateway.post, 12))).toEqual(new Set([200]))
  })
})
