import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { createGate, whenOpened } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/shop', 'ce-type': 'order' }

describe.each(storeKinds)('a CloudEvent that comes again, on %s', kind => {
  const newStore = storesOf(kind)

  it('is the same request, by source and id', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const structured = JSON.stringify({
      specversion: '1.0',
      id: '1',
      source: '/shop',
      type: 'order',
      datacontenttype: 'application/json',
      data: {}
    })
    const first = await gateway.accept('{}', event)
    const again = await gateway.accept('{}', { ...event, 'ce-time': '2026-01-01T00:00:00Z' })
    const inOtherMode = await gateway.accept(structured, { 'content-type': 'application/cloudevents+json' })
    expect([again.id, inOtherMode.id]).toEqual([first.id, first.id])
    await gateway.until(first.id, 'replied')
    expect(step.requests).toHaveLength(1)
  })

  it.each([
    ['id', { 'ce-id': '2' }],
    ['source', { 'ce-source': '/other' }]
  ])('is another request with another %s', async (_name, changes) => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const first = await gateway.accept('{}', event)
    const other = await gateway.accept('{}', { ...event, ...changes })
    expect(other.id).not.toBe(first.id)
  })

  it('is refused with other data', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    await gateway.accept('{}', event)
    const answer = await gateway.post('[]', { headers: { ...event, prefer: 'respond-async' } })
    expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'IDEMPOTENCY_MISMATCH' }])
  })

  it('is in flight for a caller who would wait', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'done' }))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { requests: { stored: true } }
    })
    const first = gateway.post('{}', { headers: event })
    await step.waitForRequests(1)
    const second = await gateway.post('{}', { headers: event })
    expect([second.status, await second.json()]).toMatchObject([409, { code: 'IDEMPOTENCY_IN_FLIGHT' }])
    gate.open()
    expect(await (await first).text()).toBe('done')
    expect(await (await gateway.post('{}', { headers: event })).text()).toBe('done')
    expect(step.requests).toHaveLength(1)
  })

  it('is another request to a pipeline that does not deduplicate', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { requests: { deduplicate: false } }
    })
    const first = await gateway.accept('{}', event)
    const second = await gateway.accept('[]', event)
    expect(second.id).not.toBe(first.id)
    await step.waitForRequests(2)
  })

  it('is another request when the first has expired', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { requests: { ttl: '1ms' } }
    })
    const first = await gateway.accept('{}', event)
    await waitFor(async () => (await gateway.call(first.links.self)).status === 410, { what: 'the request to expire' })
    expect((await gateway.accept('[]', event)).id).not.toBe(first.id)
  })

  it('is run each time when nothing is stored', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    for (const body of ['{}', '[]']) expect((await gateway.post(body, { headers: event })).status).toBe(200)
    expect(step.requests).toHaveLength(2)
  })

  it('is never what a plain request is', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const ids = new Set([(await gateway.accept('{}')).id, (await gateway.accept('{}')).id])
    expect(ids.size).toBe(2)
  })
})
