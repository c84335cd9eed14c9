import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startKillableGateway, startSuccessor } from '../helpers/killable-gateway.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

/** A store that outlives the gateways. */
async function openSqlite() {
  const folder = await createTempFolder()
  return { url: `sqlite:${join(folder.path, 'test.db')}`, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const timeout = 60_000

// A file is used by one gateway, so the next one need not wait for the leases of the last.
describe.each([
  { name: 'a file', open: openSqlite, leaseMs: 3_600_000 },
  { name: 'Redis', open: startRedis, leaseMs: 1_000 }
])('after a kill -9, with $name', ({ open, leaseMs }) => {
  it('a request resumes after its last checkpoint, with the same event id', { timeout }, async () => {
    const gate = createGate()
    await using store = await open()
    await using one = await startStep({ headers: { 'content-type': 'application/json' }, body: '{"from":"one"}' })
    await using two = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    const options = { steps: [one.url, two.url], store: store.url, leaseMs }
    await using killed = await startKillableGateway(options)
    const id = await submit(killed)
    await two.waitForRequests(1)
    await killed.kill9()
    await using next = await startSuccessor(options)
    const [before, after] = await two.waitForRequests(2)
    gate.open()
    expect(await ended(next, id)).toMatchObject({
      status: 'replied',
      deliveries: 2,
      steps: [{ name: 'step-1' }, { name: 'step-2' }]
    })
    expect([one.requests.length, two.requests.length]).toEqual([1, 2])
    expect(after?.body).toEqual(before?.body)
    expect(after?.headers['ce-id']).toBe(before?.headers['ce-id'])
    expect(await (await fetch(`${next.url}/default/test/requests/${id}/reply`)).text()).toBe('done')
  })

  it('what was accepted and not begun is run, and what had its reply keeps it', { timeout }, async () => {
    const gate = createGate()
    await using store = await open()
    await using step = await startStep(async ({ body }) => {
      if (body.toString() !== '"first"') await gate.opened
      return { body }
    })
    const options = { steps: [step.url], spec: { limits: { maxInFlight: 1 } }, store: store.url, leaseMs }
    await using killed = await startKillableGateway(options)
    const first = await submit(killed, { data: 'first' })
    await ended(killed, first)
    const rest: string[] = []
    for (let i = 0; i < 5; i++) rest.push(await submit(killed, { data: i }))
    await step.waitForRequests(2)
    await killed.kill9()
    gate.open()
    await using next = await startSuccessor(options)
    for (const id of rest) expect(await ended(next, id)).toMatchObject({ status: 'replied' })
    expect(await ended(next, first)).toMatchObject({ status: 'replied', deliveries: 1 })
    expect(step.requests.filter(({ body }) => body.toString() === '"first"')).toHaveLength(1)
  })

  it('a request that kills its gateway each time is a dead letter after maxDeliveries', { timeout }, async () => {
    await using store = await open()
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using sink = await startStep(202)
    const options = {
      steps: [{ name: 'deadly', uri: step.url }],
      spec: { limits: { maxDeliveries: 2 }, delivery: { deadLetterSink: { uri: sink.url } } },
      store: store.url,
      leaseMs
    }
    await using first = await startKillableGateway(options)
    const id = await submit(first, { data: 'poison' })
    await step.waitForRequests(1)
    await first.kill9()
    await using second = await startKillableGateway(options)
    await step.waitForRequests(2)
    await second.kill9()
    await using third = await startSuccessor(options)
    // The claim that finds it was delivered too often is no delivery itself.
    expect(await ended(third, id)).toMatchObject({
      status: 'failed',
      deliveries: 2,
      error: { code: 'STEP_FAILED', step: 'deadly', attempts: 2 }
    })
    const letter = await (await fetch(`${third.adminUrl}/deadletters/${id}`)).json()
    expect(letter).toMatchObject({
      id,
      step: 'deadly',
      detail: 'the request was delivered 2 times without coming to an end',
      deliveries: 2,
      attempts: 2,
      event: { data: 'poison' },
      input: { data: 'poison' }
    })
    expect(step.requests).toHaveLength(2)
    expect(sink.requests.map(({ body }) => String(body))).toEqual(['"poison"'])
    expect(sink.requests[0]?.headers).toMatchObject({ 'ce-sluicerequestid': id, 'ce-sluiceattempts': '2' })
  })

  it(
    'a reply that kills its gateway each time is one too, with the calls of its destination',
    { timeout },
    async () => {
      await using store = await open()
      const gate = createGate()
      await using step = await startStep(async () => {
        await gate.opened
        return { body: 'scored' }
      })
      await using destination = await startStep(() => new Promise<number>(() => {}))
      await using sink = await startStep(202)
      const delivery = { deadLetterSink: { uri: sink.url } }
      const options = {
        steps: [step.url],
        spec: { reply: { uri: destination.url }, limits: { maxDeliveries: 2 }, delivery },
        store: store.url,
        leaseMs
      }
      await using first = await startKillableGateway(options)
      const id = await submit(first)
      await step.waitForRequests(1)
      await first.kill9()
      gate.open()
      await using second = await startKillableGateway(options)
      await destination.waitForRequests(1)
      await second.kill9()
      await using third = await startSuccessor(options)
      expect(await ended(third, id)).toMatchObject({ status: 'failed', deliveries: 2, error: { attempts: 1 } })
      expect(sink.requests.map(({ body }) => String(body))).toEqual(['scored'])
      expect(sink.requests[0]?.headers).toMatchObject({ 'ce-sluicerequestid': id, 'ce-sluiceattempts': '1' })
      expect([step.requests.length, destination.requests.length]).toEqual([2, 1])
    }
  )
})
