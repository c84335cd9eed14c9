import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

describe.each(storeKinds)('a request that is accepted on %s', kind => {
  const newStore = storesOf(kind)

  it('is answered with 202, where it is found, and what was applied', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const answer = await gateway.post('{}', { headers: { prefer: 'respond-async' } })
    const body = (await answer.json()) as Record<string, unknown>
    expect(answer.status).toBe(202)
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      status: 'accepted',
      links: {
        self: `/default/test/requests/${String(body.id)}`,
        reply: `/default/test/requests/${String(body.id)}/reply`,
        events: `/default/test/requests/${String(body.id)}/events`
      }
    })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      location: `/default/test/requests/${String(body.id)}`,
      'preference-applied': 'respond-async',
      'sluice-request-id': body.id,
      'server-timing': expect.stringMatching(/^gateway;dur=[\d.]+$/)
    })
  })

  it('is in the store before the answer, and waits for no step', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 200
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await gateway.accept()).id))
    const found = await Promise.all(ids.map(async id => (await gateway.status(id)).id))
    expect(found).toEqual(ids)
    gate.open()
  })

  it('outlives its gateway', async () => {
    const store = newStore()
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { headers: { 'content-type': 'text/plain' }, body: 'late' }
    })
    const first = await startStoredGateway(store, { steps: [step.url] })
    const { id, links } = await first.accept()
    await step.waitForRequests(1)
    await first[Symbol.asyncDispose]()
    gate.open()
    await using second = await startStoredGateway(store, { steps: [step.url] })
    expect(await second.until(id, 'replied')).toMatchObject({ id, deliveries: 1 })
    expect(await (await second.call(links.reply)).text()).toBe('late')
  })
})

describe.each(storeKinds)('a caller who asks for respond-async and waits, on %s', kind => {
  const newStore = storesOf(kind)

  it('gets the reply that comes in time', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'in time' })
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'quick', uri: step.url }] })
    const answer = await gateway.post('{}', { headers: { prefer: 'respond-async, wait=10' } })
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'in time'
    ])
    expect(answer.headers.get('server-timing')).toMatch(/^quick;dur=[\d.]+, gateway;dur=/)
    const id = answer.headers.get('sluice-request-id') ?? ''
    expect(await gateway.status(id)).toMatchObject({ id, status: 'replied' })
  })

  it('gets 202 when the time is over, and the request goes on', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'late', headers: { 'content-type': 'text/plain' } }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const answer = await gateway.post('{}', { headers: { prefer: 'respond-async, wait=1' } })
    const { id, links } = (await answer.json()) as { id: string; links: { self: string; reply: string } }
    expect([answer.status, answer.headers.get('location'), answer.headers.get('preference-applied')]).toEqual([
      202,
      links.self,
      'respond-async, wait=1'
    ])
    gate.open()
    await gateway.until(id, 'replied')
    expect(await (await gateway.call(links.reply)).text()).toBe('late')
  })

  it('gets the failure as the problem that it is', async () => {
    await using step = await startStep(400)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'strict', uri: step.url }] })
    const answer = await gateway.post('{}', { headers: { prefer: 'respond-async, wait=10' } })
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { code: 'STEP_REJECTED', step: 'strict', upstreamStatus: 400, attempts: 1, pipeline: 'default/test' }
    ])
  })
})
