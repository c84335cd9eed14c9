import { expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

const maxInFlight = 4
const limits = { maxInFlight }

/** How many requests are in intake, processing and output. */
async function usage({ adminUrl }: TestGateway): Promise<readonly number[]> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return ['intake', 'processing', 'output'].map(buffer => {
    const [, value] = new RegExp(`^sluice_buffer_usage{buffer="${buffer}"} (.*)$`, 'm').exec(text) ?? []
    return Number(value)
  })
}

const usageToBe = (gateway: TestGateway, expected: readonly number[]): Promise<true> =>
  waitFor(
    async () => {
      expect(await usage(gateway)).toEqual(expected)
      return true
    },
    { what: `a buffer usage of ${expected.join(', ')}` }
  )

async function accept(gateway: TestGateway, count: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: count }, () => gateway.post('{}', { headers: { prefer: 'respond-async' } }))
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202))
}

async function count({ adminUrl }: TestGateway, status: string): Promise<number> {
  const { items } = (await (await fetch(`${adminUrl}/requests?status=${status}`)).json()) as { items: unknown[] }
  return items.length
}

it('begins nothing while finished requests fill the output, and ends all once it moves', async () => {
  const gate = createGate()
  await using step = await startStep({ body: '{}' })
  await using broker = await startStep(async () => {
    await gate.opened
    return 202
  })
  await using gateway = await startTestGateway({ steps: [step.url], spec: { reply: { uri: broker.url }, limits } })
  await accept(gateway, 20)
  await broker.waitForRequests(maxInFlight)
  // Time enough for all to be finished, if they could.
  for (let i = 0; i < 50; i++) {
    const [intake = NaN, processing = NaN, output = NaN] = await usage(gateway)
    expect(intake + processing).toBeLessThanOrEqual(maxInFlight)
    expect(output).toBe(maxInFlight)
  }
  expect(broker.requests).toHaveLength(maxInFlight)
  expect(await count(gateway, 'accepted')).toBeGreaterThanOrEqual(20 - 2 * maxInFlight)
  gate.open()
  await waitFor(async () => (await count(gateway, 'replied')) === 20, { what: 'the end of all' })
  await usageToBe(gateway, [0, 0, 0])
  expect([step.requests.length, broker.requests.length]).toEqual([20, 20])
})

it('keeps a bounded number while the store hangs, and ends all once it goes on', async () => {
  const gate = createGate()
  await using step = await startStep(async () => {
    await gate.opened
    return { body: '{}' }
  })
  await using server = await startRedis()
  await using gateway = await startTestGateway({
    steps: [step.url],
    spec: { limits },
    config: { store: server.url }
  })
  await accept(gateway, 20)
  await step.waitForRequests(maxInFlight)
  server.stop()
  gate.open()
  await waitFor(async () => (await usage(gateway))[2] === maxInFlight, { what: 'the finished to wait for the store' })
  const [intake = NaN, processing = NaN] = await usage(gateway)
  expect(intake + processing).toBeLessThanOrEqual(maxInFlight)
  expect(step.requests).toHaveLength(maxInFlight)
  server.cont()
  await waitFor(async () => (await count(gateway, 'replied')) === 20, { what: 'the end of all', timeoutMs: 30_000 })
  await usageToBe(gateway, [0, 0, 0])
}, 60_000)
