import { expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { parseExposition } from '../telemetry/exposition.ts'
import { accept, many, post, startWorkers, type GatewayWithWorkers } from './gateway-with-workers.ts'

/** A step that tells how many calls it had at once, and holds them while the gate is shut. */
async function startCountingStep() {
  const gate = createGate()
  const seen = { now: 0, most: 0 }
  const step = await startStep(async ({ body, signal }) => {
    seen.most = Math.max(seen.most, ++seen.now)
    // A call whose caller is gone is over.
    await Promise.race([gate.opened, new Promise(resolve => signal.addEventListener('abort', resolve))])
    await new Promise(setImmediate)
    seen.now--
    return { headers: { 'content-type': 'application/json' }, body }
  })
  return { step, gate, seen, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
}

async function waitingCalls({ admin }: GatewayWithWorkers): Promise<number> {
  const { text } = await admin('/metrics')
  const samples = parseExposition(text).get('sluice_waiting_calls')?.samples ?? []
  return samples.reduce((sum, { value }) => sum + value, 0)
}

const waitUntilWaiting = (gateway: GatewayWithWorkers, count: number) =>
  waitFor(async () => (await waitingCalls(gateway)) === count, { what: `${count} calls in line` })

it.each([2, 4])('concurrency.max holds for %d workers together', async workers => {
  await using model = await startCountingStep()
  const steps = [{ uri: model.step.url, concurrency: { max: 3 } }]
  await using gateway = await startWorkers({ steps, workers })
  const posted = many(60, n => post(gateway, n))
  await model.step.waitForRequests(3)
  await waitUntilWaiting(gateway, 57)
  expect(model.step.requests).toHaveLength(3)
  model.gate.open()
  expect(new Set((await posted).map(({ status }) => status))).toEqual(new Set([200]))
  expect((await many(200, n => post(gateway, n))).map(({ status }) => status)).toEqual(Array(200).fill(200))
  expect(model.seen.most).toBe(3)
})

it('one place goes from worker to worker: none keeps it from another that waits', async () => {
  await using model = await startCountingStep()
  model.gate.open()
  await using gateway = await startWorkers({ steps: [{ uri: model.step.url, concurrency: { max: 1 } }], workers: 3 })
  for (let i = 0; i < 30; i++) expect(await post(gateway, i)).toMatchObject({ status: 200, text: `{"n":${i}}` })
  expect(model.seen.most).toBe(1)
})

it('a call that waits for a place of another worker ends at its deadline, and takes none then', async () => {
  await using model = await startCountingStep()
  const steps = [{ uri: model.step.url, concurrency: { max: 1 } }]
  await using gateway = await startWorkers({ steps, spec: { deadline: '20s' } })
  const first = post(gateway, 1)
  await model.step.waitForRequests(1)
  const soon = { 'ce-expirytime': new Date(Date.now() + 1_000).toISOString() }
  const event = { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/test', 'ce-type': 'test', ...soon }
  const late = await many(6, n => post(gateway, n, event))
  expect(new Set(late.map(({ status, json }) => `${status} ${json().code}`))).toEqual(
    new Set(['504 DEADLINE_EXCEEDED'])
  )
  model.gate.open()
  expect((await first).status).toBe(200)
  expect((await post(gateway, 3)).status).toBe(200)
  expect(model.step.requests).toHaveLength(2)
})

it('a worker that is killed gives its places back, and those who wait in another one get them', async () => {
  await using model = await startCountingStep()
  const steps = [{ uri: model.step.url, concurrency: { max: 2 } }]
  await using gateway = await startWorkers({ steps })
  const [victim = 0] = await gateway.pids()
  const count = 24
  const paths = await many(count, n => accept(gateway, n))
  await model.step.waitForRequests(2)
  await waitUntilWaiting(gateway, count - 2)
  process.kill(victim, 'SIGKILL')
  await gateway.pids(3)
  model.gate.open()
  for (const path of paths) {
    const replied = async () => (await gateway.call(path)).json().status === 'replied'
    await waitFor(replied, { what: `the reply of ${path}` })
  }
  expect(model.seen.most).toBe(2)
})

it('a hedge takes a place that is free, though the primary has it', async () => {
  const gate = createGate()
  let calls = 0
  await using model = await startStep(async ({ body }) => {
    if (++calls === 1) await gate.opened
    return { body }
  })
  const hedged = { safe: true, hedge: { delay: '1ms', max: 1 } }
  await using gateway = await startWorkers({ steps: [{ uri: model.url, concurrency: { max: 2 }, ...hedged }] })
  expect((await post(gateway, 1)).text).toBe('{"n":1}')
  gate.open()
})
