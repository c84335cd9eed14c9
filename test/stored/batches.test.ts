import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { createGate, whenOpened } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway, type AcceptedBody, type StoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const anEvent = (id: string, changes: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: '/test',
  type: 'com.example.test',
  datacontenttype: 'application/json',
  data: { id },
  ...changes
})

const send = async (gateway: StoredGateway, events: unknown, headers: Record<string, string> = {}) => {
  const answer = await gateway.post(typeof events === 'string' ? events : JSON.stringify(events), {
    headers: { 'content-type': 'application/cloudevents-batch+json', ...headers }
  })
  const body = (await answer.json()) as { items: readonly AcceptedBody[]; code?: string; detail?: string }
  return { status: answer.status, ...body }
}

const idsOf = (items: readonly AcceptedBody[]): readonly string[] => items.map(({ id }) => id).toSorted()

/** Ids of all that is stored, in the order of ids. */
const storedIds = async ({ adminUrl }: StoredGateway): Promise<readonly string[]> => {
  const { items } = (await (await fetch(`${adminUrl}/requests`)).json()) as { items: readonly AcceptedBody[] }
  return idsOf(items)
}

describe.each(storeKinds)('a batch on %s', kind => {
  const newStore = storesOf(kind)

  it('says that it was answered as asked', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const sendPreferring = async (id: string, prefer: string) => {
      const headers = { 'content-type': 'application/cloudevents-batch+json', prefer }
      return (await gateway.post(JSON.stringify([anEvent(id)]), { headers })).headers.get('preference-applied')
    }
    expect(await sendPreferring('a', 'respond-async, wait=5')).toBe('respond-async')
    // Nobody waits for a batch.
    expect(await sendPreferring('b', 'wait=5')).toBeNull()
  })

  it('is accepted event by event, in its order', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 1 } }
    })
    const names = Array.from({ length: 20 }, (_, i) => `event-${i}`)
    const { status, items } = await send(
      gateway,
      names.map(name => anEvent(name))
    )
    expect(status).toBe(202)
    expect(items[0]).toEqual({
      id: expect.any(String),
      status: 'accepted',
      links: {
        self: `/default/test/requests/${items[0]?.id}`,
        reply: `/default/test/requests/${items[0]?.id}/reply`,
        events: `/default/test/requests/${items[0]?.id}/events`
      }
    })
    expect(await storedIds(gateway)).toEqual(idsOf(items))
    const calls = await step.waitForRequests(20)
    expect(calls.map(({ headers }) => headers['ce-id'])).toEqual(names)
    for (const [i, { id, links }] of items.entries()) {
      await gateway.until(id, 'replied')
      expect(await (await gateway.call(links.reply)).json()).toEqual({ id: names[i] })
    }
  })

  it.each([
    ['without an id', [anEvent('a'), anEvent('b', { id: undefined })], 'event 1 of the batch'],
    ['with an unknown specversion', [anEvent('a', { specversion: '7.0' }), anEvent('b')], 'event 0 of the batch'],
    ['that is none', [anEvent('a'), 1], 'event 1 of the batch'],
    ['that goes on for ever', `[${JSON.stringify(anEvent('a'))},`, ''],
    ['that is alone', JSON.stringify(anEvent('a')), '']
  ])('is refused as a whole for an event %s', async (_name, events, detail) => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    expect(await send(gateway, events)).toMatchObject({
      status: 400,
      code: 'INVALID_EVENT',
      detail: expect.stringContaining(detail)
    })
    expect(await storedIds(gateway)).toEqual([])
    expect(step.requests).toHaveLength(0)
  })

  it.each([
    ['as it is', (deep: string) => `"data": ${deep}`],
    ['in base64', (deep: string) => `"data_base64": "${Buffer.from(deep).toString('base64')}"`]
  ])('is refused as a whole for JSON that is nested too deep, %s', async (_name, dataOf) => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'] })
    const events = JSON.stringify([anEvent('a'), anEvent('b', { data: 'deep' })])
    const deep = dataOf(`${'['.repeat(5000)}${']'.repeat(5000)}`)
    expect((await send(gateway, events.replace('"data":"deep"', deep))).status).toBe(400)
    expect(await storedIds(gateway)).toEqual([])
  })

  it('is refused as a whole when the queue has no room for all of it', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, 200))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 1, maxQueued: 3 } }
    })
    const { id } = await gateway.accept()
    const four = ['a', 'b', 'c', 'd'].map(name => anEvent(name))
    expect(await send(gateway, four)).toMatchObject({ status: 429, code: 'QUEUE_FULL' })
    expect(await storedIds(gateway)).toEqual([id])
    expect((await send(gateway, four.slice(1))).status).toBe(202)
    expect(await storedIds(gateway)).toHaveLength(4)
    gate.open()
  })

  it('of none is accepted as none', async () => {
    await using gateway = await startStoredGateway(newStore(), { steps: ['http://127.0.0.1:1'] })
    expect(await send(gateway, [])).toEqual({ status: 202, items: [] })
  })

  it('with an event twice has one request for both', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { status, items } = await send(gateway, [anEvent('a'), anEvent('b'), anEvent('a')])
    expect([status, items[2]]).toEqual([202, items[0]])
    expect(await storedIds(gateway)).toEqual(idsOf(items.slice(0, 2)))
  })

  it('that comes again is the same requests', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const events = [anEvent('a'), anEvent('b')]
    const { items } = await send(gateway, events)
    expect(await send(gateway, [...events, anEvent('c')])).toMatchObject({
      status: 202,
      items: [items[0], items[1], {}]
    })
    expect(await storedIds(gateway)).toHaveLength(3)
  })

  it.each([
    ['an earlier request', [anEvent('a')]],
    ['another in it', []]
  ])('is refused as a whole when an event has the id of %s, and other data', async (_name, earlier) => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    await send(gateway, earlier)
    const events = [anEvent('b'), anEvent('a', { data: 1 }), anEvent('a', { data: 2 })]
    expect(await send(gateway, events)).toMatchObject({ status: 422, code: 'IDEMPOTENCY_MISMATCH' })
    expect(await storedIds(gateway)).toHaveLength(earlier.length)
  })

  it('is refused when it has more events than the pipeline takes, and none of them is accepted', async () => {
    await using step = await startEchoStep()
    const spec = { limits: { maxBatch: 2 } }
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec })
    const events = [anEvent('a'), anEvent('b'), anEvent('c')]
    expect(await send(gateway, events)).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
      detail: expect.stringContaining('limits.maxBatch')
    })
    expect(await storedIds(gateway)).toEqual([])
    expect((await send(gateway, events.slice(0, 2))).status).toBe(202)
  })

  it('has one Idempotency-Key for all of it', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const key = { 'idempotency-key': 'batch-1' }
    const { status, items } = await send(gateway, [anEvent('a'), anEvent('b')], key)
    expect(status).toBe(202)
    expect(new Set(items.map(({ id }) => id)).size).toBe(2)
    expect(await send(gateway, [anEvent('c', { data: { id: 'a' } }), anEvent('b')], key)).toEqual({ status, items })
    expect(await send(gateway, [anEvent('d'), anEvent('e')], key)).toMatchObject({ status: 422 })
    expect(await storedIds(gateway)).toHaveLength(2)
  })

  it('has its media type in any case, with parameters', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const type = 'Application/CloudEvents-Batch+JSON; charset=UTF-8'
    expect(await send(gateway, [anEvent('a')], { 'content-type': type })).toMatchObject({ status: 202, items: [{}] })
    expect(await send(gateway, [anEvent('a')], { 'content-type': 'application/cloudevents-batch+avro' })).toMatchObject(
      { status: 415 }
    )
  })
})
