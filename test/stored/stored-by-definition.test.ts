import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep } from '../helpers/step-server.ts'
import { startStoredGateway, type AcceptedBody } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const spec = { requests: { stored: true } }

describe.each(storeKinds)('a pipeline that stores its requests on %s', kind => {
  const newStore = storesOf(kind)

  it('answers its callers, who can fetch the reply again by the id of the request', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'kept' })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec })
    const answer = await gateway.post('{}')
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'kept'
    ])
    const id = answer.headers.get('sluice-request-id') ?? ''
    expect(await gateway.status(id)).toMatchObject({ id, status: 'replied' })
    expect(await (await gateway.call(`/default/test/requests/${id}/reply`)).text()).toBe('kept')
    expect(step.requests).toHaveLength(1)
  })

  it('answers as it would without', async () => {
    const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec })
    await using plain = await startStoredGateway(newStore(), { steps: [step.url] })
    const accept = 'application/cloudevents+json'
    for (const headers of [{}, event, { ...event, 'ce-id': '2', accept }, { prefer: 'wait=5' }]) {
      const [stored, direct] = [await gateway.post('{"a": 1}', { headers }), await plain.post('{"a": 1}', { headers })]
      const bodies = [await stored.text(), await direct.text()].map(text => text.replaceAll(uuid, 'UUID'))
      expect([stored.status, bodies[0]]).toEqual([direct.status, bodies[1]])
      expect([...stored.headers.keys()]).toEqual([...direct.headers.keys()])
      expect(stored.headers.get('content-type')).toBe(direct.headers.get('content-type'))
    }
  })

  it('tells what filtered, and what failed', async () => {
    await using step = await startStep(204, 400)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'only', uri: step.url }], spec })
    const filtered = await gateway.post('{}')
    expect([filtered.status, filtered.headers.get('sluice-step')]).toEqual([204, 'only'])
    const failed = await gateway.post('{}')
    expect([failed.status, await failed.json()]).toMatchObject([
      422,
      { code: 'STEP_REJECTED', step: 'only', requestId: failed.headers.get('sluice-request-id') }
    ])
  })

  it('goes on when a caller leaves, who can fetch the reply later', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { headers: { 'content-type': 'text/plain' }, body: 'late' }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec })
    const leaving = new AbortController()
    const call = gateway.post('{}', { signal: leaving.signal })
    const [sent] = await step.waitForRequests(1)
    leaving.abort()
    await expect(call).rejects.toThrow()
    const { items } = (await (await fetch(`${gateway.adminUrl}/requests`)).json()) as { items: AcceptedBody[] }
    gate.open()
    const [one] = items
    await gateway.until(one?.id ?? '', 'replied')
    expect(await (await gateway.call(one?.links.reply ?? '')).text()).toBe('late')
    expect([step.requests.length, sent?.signal.aborted]).toEqual([1, false])
  })

  it('answers 202 to a caller who waits no longer, and goes on', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'late' }
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec })
    const answer = await gateway.post('{}', { headers: { prefer: 'wait=1' } })
    const { id } = (await answer.json()) as AcceptedBody
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/default/test/requests/${id}`])
    gate.open()
    await gateway.until(id, 'replied')
  })

  it('answers 504 when the deadline of the pipeline is over', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { ...spec, deadline: 'PT1S' }
    })
    const answer = await gateway.post('{}')
    expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'DEADLINE_EXCEEDED' }])
  })
})

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
