import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, statusOf, submit } from '../helpers/submit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { openLetters } from '../replay/dead-letter-calls.ts'

const done = { body: 'done' }
const step = (uri: string, more = {}) => ({
  uri,
  delivery: { retry: 0 },
  circuitBreaker: { volumeThreshold: 5, resetTimeout: '300ms' },
  ...more
})

/** Callers who wait make the breaker open: what fails of theirs is no dead letter. */
async function openBreaker({ post }: TestGateway): Promise<void> {
  await waitFor(async () => (await post('"caller"')).status === 503, { what: 'the breaker to open' })
}

const submitMany = (gateway: TestGateway, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => submit(gateway, { data: 'stored' })))

describe('accepted work that meets an open breaker', () => {
  it('waits, spends no delivery, is no dead letter, and is done when the step is well', async () => {
    const health = { well: false }
    await using model = await startStep(() => (health.well ? done : 500))
    await using gateway = await startTestGateway({ steps: [step(model.url)] })
    await openBreaker(gateway)
    const ids = await submitMany(gateway, 30)
    const calls = model.requests.length
    // Two probes in vain: each is one call, of one request.
    await model.waitForRequests(calls + 2)
    for (const id of ids) {
      expect(await statusOf(gateway, id)).not.toMatchObject({ status: 'failed' })
    }
    expect(await openLetters(gateway)).toEqual([])
    health.well = true
    for (const id of ids) expect(await ended(gateway, id)).toMatchObject({ status: 'replied', deliveries: 1 })
  })

  it('is counted once, by how it ended', async () => {
    const health = { well: false }
    await using model = await startStep(() => (health.well ? done : 500))
    await using gateway = await startTestGateway({ steps: [step(model.url)] })
    await openBreaker(gateway)
    const ids = await submitMany(gateway, 10)
    const calls = model.requests.length
    await model.waitForRequests(calls + 1)
    health.well = true
    for (const id of ids) await ended(gateway, id)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    const counted = metrics
      .split('\n')
      .filter(line => line.startsWith('sluice_requests_total') && line.includes('async'))
    expect(counted).toEqual(['sluice_requests_total{pipeline="default/test",mode="async",outcome="replied"} 10'])
    expect(metrics).toContain('sluice_inflight{pipeline="default/test"} 0\n')
  })

  it('calls nothing while the breaker is open, but for one probe at a time', async () => {
    await using model = await startStep(500)
    await using gateway = await startTestGateway({ steps: [step(model.url)] })
    await openBreaker(gateway)
    const before = model.requests.length
    await submitMany(gateway, 30)
    const probes = (await model.waitForRequests(before + 4)).slice(before)
    const gaps = probes.slice(1).map(({ at }, i) => at - (probes[i]?.at ?? 0))
    // Timers may be some milliseconds early by another clock.
    expect(Math.min(...gaps)).toBeGreaterThan(280)
  })

  it('comes back slowly: one, then one more with each that ends well', async () => {
    const health = { well: false }
    const begun: { running: number; ended: number }[] = []
    const count = { running: 0, ended: 0 }
    await using model = await startStep(async () => {
      if (!health.well) return 500
      count.running++
      begun.push({ ...count })
      await delay(30)
      count.running--
      count.ended++
      return done
    })
    await using gateway = await startTestGateway({ steps: [step(model.url)] })
    await openBreaker(gateway)
    const ids = await submitMany(gateway, 40)
    health.well = true
    for (const id of ids) await ended(gateway, id)
    expect(begun.filter(({ running, ended: well }) => running > 1 + well)).toEqual([])
  })

  it('is not spent by the retries that the breaker cuts off', async () => {
    const health = { well: false }
    await using model = await startStep(() => (health.well ? done : 500))
    const patient = step(model.url, { delivery: { retry: 3, backoffDelay: '300ms' } })
    await using gateway = await startTestGateway({ steps: [patient] })
    const ids = await submitMany(gateway, 10)
    await waitFor(async () => (await gateway.post('"caller"')).status === 503, { what: 'the breaker to open' })
    health.well = true
    for (const id of ids) expect(await ended(gateway, id)).toMatchObject({ status: 'replied', deliveries: 1 })
  })

  it('resumes at the step that is held, on Redis too', async () => {
    const health = { well: false }
    await using redis = await startRedis()
    await using first = await startStep(done)
    await using model = await startStep(() => (health.well ? done : 500))
    await using gateway = await startTestGateway({
      steps: [first.url, step(model.url)],
      config: { store: redis.url }
    })
    await openBreaker(gateway)
    const before = first.requests.length
    const ids = await submitMany(gateway, 10)
    const calls = model.requests.length
    await model.waitForRequests(calls + 2)
    health.well = true
    for (const id of ids) expect(await ended(gateway, id)).toMatchObject({ status: 'replied', deliveries: 1 })
    expect(first.requests.length - before).toBe(10)
  })
})

it('accepted work waits for a local step that is not there yet', { timeout: 60_000 }, async () => {
  await using folder = await createTempFolder()
  const script = `
    if (!require('node:fs').existsSync('well')) process.exit(1)
    require('node:http').createServer((request, response) => response.end('done')).listen(process.env.PORT, process.env.HOST)`
  const run = { command: ['node', '-e', script], cwd: folder.path }
  await using gateway = await startTestGateway({ steps: [{ run, delivery: { retry: 0 } }] })
  const id = await submit(gateway)
  await waitFor(async () => (await statusOf(gateway, id)).deliveries === 0, { what: 'the request to be put back' })
  await folder.write('well', '')
  expect(await ended(gateway, id, 40_000)).toMatchObject({ status: 'replied', deliveries: 1 })
  expect(await openLetters(gateway)).toEqual([])
})

describe('accepted work whose retries the budget of the origin refuses', () => {
  it('waits: only what had all of its attempts is given up', async () => {
    const health = { well: false }
    await using model = await startStep(() => (health.well ? done : 500))
    const delivery = { retry: 3, backoffDelay: '1ms' }
    const circuitBreaker = { enabled: false }
    await using gateway = await startTestGateway({ steps: [{ uri: model.url, delivery, circuitBreaker }] })
    const ids = await submitMany(gateway, 200)
    // The budget is a hundred retries at first, and a fifth of one for each request.
    await waitFor(async () => (await budgetRatio(gateway)) < 0.02, { what: 'the budget to be spent' })
    health.well = true
    const ends = await Promise.all(ids.map(id => ended(gateway, id)))
    for (const { status, deliveries, steps } of ends) {
      if (status === 'failed') expect(steps.at(-1)).toMatchObject({ attempts: 4 })
      else expect([status, deliveries]).toEqual(['replied', 1])
    }
    expect(ends.filter(({ status }) => status === 'replied').length).toBeGreaterThan(100)
  })
})

async function budgetRatio({ adminUrl }: TestGateway): Promise<number> {
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(/^sluice_retry_budget_ratio\{.*\} (\S+)$/m.exec(metrics)?.[1])
}
