import { describe, expect, it } from 'vitest'
import { atOnce } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const repliesTo = ({ url }: StepServer) => ({ reply: { uri: `${url}/replies` }, delivery: { retry: 3, ...atOnce } })

describe.each(storeKinds)('a pipeline that replies to a destination, on %s', kind => {
  const newStore = storesOf(kind)

  it('answers 202, and sends the reply event once', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'scored' })
    await using destination = await startStep(202)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'score', uri: step.url }],
      spec: repliesTo(destination)
    })
    const answer = await gateway.post('{}')
    const { id, links } = (await answer.json()) as { id: string; links: { self: string; reply: string } }
    expect([answer.status, answer.headers.get('location'), answer.headers.get('preference-applied')]).toEqual([
      202,
      links.self,
      null
    ])
    await gateway.until(id, 'replied')
    expect(destination.requests).toHaveLength(1)
    const [sent] = destination.requests
    expect([sent?.method, sent?.url, sent?.body.toString()]).toEqual(['POST', '/replies', 'scored'])
    expect(sent?.headers).toMatchObject({
      'content-type': 'text/plain',
      'ce-specversion': '1.0',
      'ce-id': `${id}.score`,
      'ce-source': '/default/test/score',
      'ce-type': 'dev.sluice.reply',
      'kn-namespace': 'default'
    })
    expect(await (await gateway.call(links.reply)).text()).toBe('scored')
  })

  it('sends the CloudEvent that the last step gave, as it is', async () => {
    const event = { 'ce-specversion': '1.0', 'ce-id': 'x', 'ce-source': '/model', 'ce-type': 'scored', 'ce-ext': '1' }
    await using step = await startStep({
      headers: { ...event, 'content-type': 'application/json' },
      body: '{"a": 1.0}'
    })
    await using destination = await startStep({ body: 'thank you' })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec: repliesTo(destination) })
    await gateway.post('{}')
    const [sent] = await destination.waitForRequests(1)
    expect([sent?.headers, sent?.body.toString()]).toMatchObject([event, '{"a": 1.0}'])
  })

  it('tries again at a destination that fails, without calling the steps again', async () => {
    await using step = await startEchoStep()
    await using destination = await startStep(503, 500, 200)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec: repliesTo(destination) })
    const { id } = await gateway.accept('"data"')
    await gateway.until(id, 'replied')
    expect(destination.requests.map(({ body }) => body.toString())).toEqual(['"data"', '"data"', '"data"'])
    expect(new Set(destination.requests.map(({ headers }) => headers['ce-id'])).size).toBe(1)
    expect(step.requests).toHaveLength(1)
  })

  it('gives the reply also to a caller who waits', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'scored' })
    await using destination = await startStep(200)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec: repliesTo(destination) })
    const answer = await gateway.post('{}', { headers: { prefer: 'wait=10' } })
    expect([answer.status, await answer.text()]).toEqual([200, 'scored'])
    expect(destination.requests).toHaveLength(1)
  })

  it('gives 202 to a caller who does not wait long enough', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'late' }
    })
    await using destination = await startStep(200)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec: repliesTo(destination) })
    const answer = await gateway.post('{}', { headers: { prefer: 'wait=1' } })
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=1'])
    gate.open()
    expect((await destination.waitForRequests(1))[0]?.body.toString()).toBe('late')
  })

  it('sends nothing when a step filters', async () => {
    await using step = await startStep(204)
    await using destination = await startStep(200)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec: repliesTo(destination) })
    const { id } = await gateway.accept()
    await gateway.until(id, 'filtered')
    expect(destination.requests).toHaveLength(0)
  })

  it('keeps a dead letter when the destination refuses for good, and its replay sends the reply only', async () => {
    await using step = await startEchoStep()
    await using destination = await startStep(403, 200)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'echo', uri: step.url }],
      spec: repliesTo(destination)
    })
    const { id } = await gateway.accept('"data"')
    const document = await gateway.until(id, 'failed')
    expect(document).toMatchObject({
      error: { code: 'STEP_FAILED', detail: expect.stringContaining('the reply destination'), upstreamStatus: 403 },
      steps: [{ name: 'echo', status: 'replied' }]
    })
    const letters = await (await fetch(`${gateway.adminUrl}/deadletters`)).json()
    expect(letters).toMatchObject({ items: [{ id }] })
    const replay = await fetch(`${gateway.adminUrl}/deadletters/${id}/replay`, { method: 'POST' })
    const { id: replayed } = (await replay.json()) as { id: string }
    await gateway.until(replayed, 'replied')
    expect(destination.requests.map(({ body }) => body.toString())).toEqual(['"data"', '"data"'])
    expect(step.requests).toHaveLength(1)
  })

  it('does not tell a caller that all went well when the destination refused', async () => {
    await using step = await startEchoStep()
    await using destination = await startStep(403)
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url], spec: repliesTo(destination) })
    const answer = await gateway.post('{}', { headers: { prefer: 'wait=10' } })
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'STEP_FAILED', upstreamStatus: 403 }])
  })

  it('sends the reply after a restart, from the last step on', async () => {
    const store = newStore()
    const gate = createGate()
    await using step = await startEchoStep()
    await using destination = await startStep(async () => {
      await gate.opened
      return 200
    })
    const options = { steps: [step.url], spec: repliesTo(destination) }
    const first = await startStoredGateway(store, options)
    const { id } = await first.accept('"data"')
    await destination.waitForRequests(1)
    await first[Symbol.asyncDispose]()
    gate.open()
    await using second = await startStoredGateway(store, options)
    await second.until(id, 'replied')
    expect(destination.requests.map(({ body }) => body.toString())).toEqual(['"data"', '"data"'])
    expect(step.requests).toHaveLength(1)
  })
})
