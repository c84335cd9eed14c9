import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep, type StepAnswer } from '../helpers/step-server.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const event = {
  'ce-specversion': '1.0',
  'ce-id': 'reply-1',
  'ce-source': '/model',
  'ce-type': 'scored',
  'ce-subject': 'caf%C3%A9'
}

describe.each(storeKinds)('the reply that is fetched, on %s', kind => {
  const newStore = storesOf(kind)

  const replyTo = async (answer: StepAnswer, accept?: string): Promise<Response> => {
    await using step = await startStep(answer)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'replied')
    const fetched = await gateway.call(links.reply, accept === undefined ? {} : { headers: { accept } })
    return new Response(await fetched.arrayBuffer(), fetched)
  }

  it('is the data with its own content type, to the octet', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, i) => i)
    const reply = await replyTo({ headers: { 'content-type': 'image/x-test; a="b"' }, body })
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'image/x-test; a="b"'])
    expect(new Uint8Array(await reply.arrayBuffer())).toEqual(body)
    expect(reply.headers.get('ce-type')).toBe('dev.sluice.reply')
  })

  it('is the CloudEvent that the step gave', async () => {
    const reply = await replyTo({ headers: { ...event, 'content-type': 'application/json' }, body: '{"score": 1.0}' })
    expect(Object.fromEntries(reply.headers)).toMatchObject({ ...event, 'content-type': 'application/json' })
    expect(await reply.text()).toBe('{"score": 1.0}')
  })

  it('is structured for who accepts that', async () => {
    const answer = { headers: { ...event, 'content-type': 'application/json' }, body: '{"score":1}' }
    const reply = await replyTo(answer, 'application/cloudevents+json')
    expect(reply.headers.get('content-type')).toMatch(/^application\/cloudevents\+json/)
    expect(await reply.json()).toEqual({
      specversion: '1.0',
      id: 'reply-1',
      source: '/model',
      type: 'scored',
      subject: 'café',
      datacontenttype: 'application/json',
      data: { score: 1 }
    })
  })

  it('can be fetched again and again', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'kept' })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'replied')
    for (let i = 0; i < 3; i++) expect(await (await gateway.call(links.reply)).text()).toBe('kept')
    expect(step.requests).toHaveLength(1)
  })

  it('is 202 with Retry-After while the request runs', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 200
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    await step.waitForRequests(1)
    const answer = await gateway.call(links.reply)
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      202,
      expect.stringMatching(/^[1-9]\d*$/),
      { id, status: 'running' }
    ])
    gate.open()
  })

  it('is 204 with the step that filtered', async () => {
    await using step = await startStep(204)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'filter', uri: step.url }] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'filtered')
    const { status, headers } = await gateway.call(links.reply)
    expect([status, headers.get('sluice-outcome'), headers.get('sluice-step')]).toEqual([204, 'filtered', 'filter'])
  })

  it('is the problem of a request that failed, with its id', async () => {
    await using step = await startStep(418)
    await using gateway = await startStoredGateway(newStore(), { steps: [{ name: 'teapot', uri: step.url }] })
    const { id, links } = await gateway.accept()
    await gateway.until(id, 'failed')
    const answer = await gateway.call(links.reply)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({
      type: 'https://sluice.dev/problems/step-failed',
      status: 502,
      code: 'STEP_FAILED',
      instance: links.reply,
      pipeline: 'default/test',
      step: 'teapot',
      attempts: 1,
      upstreamStatus: 418,
      requestId: id
    })
  })

  it('is 404 for a request that was cancelled', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    await gateway.call(links.self, { method: 'DELETE' })
    const answer = await gateway.call(links.reply)
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { code: 'REQUEST_NOT_FOUND', detail: 'the request was cancelled: there is no reply' }
    ])
  })
})
