import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startKillableGateway } from '../helpers/killable-gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, statusOf, submit, submitBatch } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'

describe('two gateways on one Redis', () => {
  it('share the work, and run each request once', async () => {
    await using redis = await startRedis()
    await using step = await startStep(async () => {
      await delay(5)
      return { body: 'done' }
    })
    const replica = (path: string) =>
      startTestGateway({
        // One definition, so that either may run what the other accepted; each finds the model elsewhere.
        steps: [{ ref: { kind: 'Service', name: 'model' } }],
        spec: { limits: { maxInFlight: 4 } },
        config: { store: redis.url, resolve: new Map([['model', step.url + path]]) }
      })
    await using a = await replica('/a')
    await using b = await replica('/b')
    const ids = await submitBatch(
      a,
      Array.from({ length: 200 }, (_, i) => ({ id: `event-${i}` }))
    )
    for (const id of ids) expect(await ended(b, id)).toMatchObject({ status: 'replied', deliveries: 1 })
    expect(new Set(step.requests.map(({ headers }) => headers['ce-id']))).toHaveLength(200)
    expect(step.requests).toHaveLength(200)
    expect(new Set(step.requests.map(({ url }) => url))).toEqual(new Set(['/a', '/b']))
  })

  it('wake each other’s callers', async () => {
    const gate = createGate()
    await using redis = await startRedis()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    const replica = () => startTestGateway({ steps: [step.url], config: { store: redis.url } })
    await using a = await replica()
    await using b = await replica()
    const id = await submit(a)
    await step.waitForRequests(1)
    const waitedFrom = performance.now()
    const answered = fetch(`${b.url}/default/test/requests/${id}`, { headers: { prefer: 'wait=15' } })
    const early = await Promise.race([answered, statusOf(a, id)])
    expect(early).toMatchObject({ status: 'running' })
    gate.open()
    expect(await (await answered).json()).toMatchObject({ id, status: 'replied' })
    expect(performance.now() - waitedFrom).toBeLessThan(10_000)
  })
})

it('claims of a gateway that hangs are taken over, and its late writes are refused', { timeout: 60_000 }, async () => {
  const late = createGate()
  await using redis = await startRedis()
  await using one = await startStep(
    async () => {
      await late.opened
      return { body: 'late' }
    },
    { body: 'in time' }
  )
  await using two = await startStep(({ body }) => ({ body }))
  const options = { steps: [one.url, two.url] }
  await using hanging = await startKillableGateway({ ...options, store: redis.url })
  const id = await submit(hanging)
  await one.waitForRequests(1)
  hanging.process.kill('SIGSTOP')
  await using other = await startTestGateway({ ...options, config: { store: redis.url } })
  const settled = await ended(other, id)
  expect(settled).toMatchObject({ status: 'replied', deliveries: 2 })
  late.open()
  hanging.process.kill('SIGCONT')
  // It ends what it has in hand before it ends itself.
  hanging.process.kill('SIGTERM')
  expect(await hanging.process.exit).toEqual({ code: 0, signal: null })
  expect(await statusOf(other, id)).toEqual(settled)
  expect(await (await fetch(`${other.url}/default/test/requests/${id}/reply`)).text()).toBe('in time')
  expect([one.requests.length, two.requests.length]).toEqual([2, 1])
})

it('a request that is cancelled at one gateway is given up by the one that runs it', { timeout: 60_000 }, async () => {
  await using redis = await startRedis()
  await using step = await startStep(() => new Promise<number>(() => {}))
  await using running = await startKillableGateway({ steps: [step.url], store: redis.url, leaseMs: 900 })
  await using other = await startTestGateway({ steps: [step.url], config: { store: redis.url } })
  const id = await submit(running)
  const [call] = await step.waitForRequests(1)
  await fetch(`${other.url}/default/test/requests/${id}`, { method: 'DELETE' })
  await waitFor(() => call?.signal.aborted, { what: 'the call to be given up' })
  expect(await statusOf(running, id)).toMatchObject({ status: 'cancelled' })
})
