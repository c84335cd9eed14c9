import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, statusOf, submit } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A step that answers when the test lets it, and tells how many calls it had at once. */
async function startCountingStep() {
  const gate = createGate()
  const seen = { now: 0, most: 0 }
  const step = await startStep(async ({ body }) => {
    seen.most = Math.max(seen.most, ++seen.now)
    await gate.opened
    seen.now--
    return { headers: { 'content-type': 'application/json' }, body }
  })
  return { step, gate, seen, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
}

const waiting = async ({ adminUrl }: TestGateway): Promise<number> => {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(/^sluice_waiting_calls\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

const waitUntilWaiting = (gateway: TestGateway, count: number) =>
  waitFor(async () => (await waiting(gateway)) === count, { what: `${count} calls in line` })

describe('concurrency.max', () => {
  it('lets so many calls of the destination be under way, and the others wait in order', async () => {
    await using model = await startCountingStep()
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, concurrency: { max: 2 } }] })
    const posted: Promise<Response>[] = []
    for (let i = 0; i < 6; i++) {
      posted.push(gateway.post(String(i)))
      await (i < 2 ? model.step.waitForRequests(i + 1) : waitUntilWaiting(gateway, i - 1))
    }
    model.gate.open()
    expect(await Promise.all(posted.map(async each => (await each).text()))).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(model.step.requests.map(({ body }) => Number(body.toString()))).toEqual([0, 1, 2, 3, 4, 5])
    expect(model.seen.most).toBe(2)
  })

  it('is shared by steps that call one destination with one limit, in every pipeline', async () => {
    await using model = await startCountingStep()
    const step = { uri: model.step.url, concurrency: { max: 1 } }
    const branches = ['a', 'b', 'c'].map(name => ({ name, steps: [{ ...step, name: `${name}-step` }] }))
    await using gateway = await startTestGateway({ steps: [{ parallel: { branches } }] })
    const posted = gateway.post('1')
    await waitUntilWaiting(gateway, 2)
    model.gate.open()
    expect(await (await posted).json()).toEqual({ a: 1, b: 1, c: 1 })
    expect(model.seen.most).toBe(1)
  })

  it('counts the wait against the deadline, and neither against the timeout nor for the breaker', async () => {
    await using model = await startCountingStep()
    const step = {
      uri: model.step.url,
      concurrency: { max: 1 },
      circuitBreaker: { volumeThreshold: 1, errorThresholdPercentage: 1 }
    }
    await using gateway = await startTestGateway({ steps: [step] })
    const first = gateway.post('1')
    await model.step.waitForRequests(1)
    const event = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/test', 'ce-type': 'test' }
    const soon = { 'ce-expirytime': new Date(Date.now() + 500).toISOString() }
    const second = await gateway.post('2', { headers: { ...event, ...soon } })
    expect([second.status, await second.json()]).toMatchObject([504, { code: 'DEADLINE_EXCEEDED', attempts: 0 }])
    model.gate.open()
    await first
    expect(await (await gateway.post('3')).text()).toBe('3')
    expect(model.step.requests).toHaveLength(2)
  })

  it('takes a caller who leaves out of the line', async () => {
    await using model = await startCountingStep()
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, concurrency: { max: 1 } }] })
    const leaving = new AbortController()
    const first = gateway.post('1')
    await model.step.waitForRequests(1)
    const second = gateway.post('2', { signal: leaving.signal }).catch(() => 'left')
    await waitUntilWaiting(gateway, 1)
    const third = gateway.post('3')
    await waitUntilWaiting(gateway, 2)
    leaving.abort()
    await waitUntilWaiting(gateway, 1)
    model.gate.open()
    expect([await (await first).text(), await second, await (await third).text()]).toEqual(['1', 'left', '3'])
    expect(model.step.requests).toHaveLength(2)
  })

  it('gives the place back while a retry waits, and holds for stored requests', async () => {
    await using step = await startStep(503, 200, ({ body }) => ({ body }))
    const delivery = { retry: 2, backoffDelay: '30s', backoffPolicy: 'linear' }
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery, concurrency: { max: 1 } }] })
    const leaving = new AbortController()
    const slow = gateway.post('1', { signal: leaving.signal }).catch(() => 'left')
    await step.waitForRequests(1)
    expect((await ended(gateway, await submit(gateway))).status).toBe('filtered')
    leaving.abort()
    await slow
  })

  it('asks the breaker only when it is the turn of a call', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 500
    })
    const fragile = { circuitBreaker: { volumeThreshold: 1 }, delivery: { retry: 0, ...atOnce } }
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, concurrency: { max: 1 }, ...fragile }] })
    const posted = [gateway.post('1'), gateway.post('2'), gateway.post('3')]
    await waitUntilWaiting(gateway, 2)
    gate.open()
    const statuses = await Promise.all(posted.map(async each => (await each).status))
    expect(statuses.toSorted((a, b) => a - b)).toEqual([502, 503, 503])
    expect(step.requests).toHaveLength(1)
  })

  it('is told where a stored request waits for its place, and not where something else of it runs', async () => {
    await using model = await startCountingStep()
    const limited = { name: 'limited', uri: model.step.url, concurrency: { max: 1 } }
    const free = { name: 'free', uri: model.step.url }
    const branches = [
      { name: 'a', steps: [limited] },
      { name: 'b', steps: [{ ...free, when: 'data.free' }] }
    ]
    await using gateway = await startTestGateway({ steps: [{ name: 'fan', parallel: { branches, join: 'array' } }] })
    const first = await submit(gateway)
    await model.step.waitForRequests(1)
    const waits = { status: 'held', waiting: { reason: 'step' }, attempts: 0 }
    const second = await submit(gateway, { data: { free: false } })
    await waitFor(async () => (await statusOf(gateway, second)).waiting !== undefined, { what: 'the wait' })
    const limitedAt = { path: 'fan/a/limited', ...waits }
    const steps = (status: string) => [{ path: 'fan', status }, limitedAt, { path: 'fan/b/free' }]
    expect(await statusOf(gateway, second)).toMatchObject({
      status: 'running',
      step: 'fan',
      waiting: { reason: 'step' },
      steps: steps('held')
    })
    const third = await submit(gateway, { data: { free: true } })
    await model.step.waitForRequests(2)
    const status = await statusOf(gateway, third)
    expect(status).toMatchObject({ status: 'running', steps: steps('running') })
    expect(status.waiting).toBeUndefined()
    expect((await statusOf(gateway, first)).waiting).toBeUndefined()
    model.gate.open()
    for (const id of [first, second, third]) expect((await ended(gateway, id)).status).toBe('replied')
  })
})
