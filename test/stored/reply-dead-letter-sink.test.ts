import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { atOnce } from '../helpers/gateway.ts'
import { freePort } from '../helpers/loopback.ts'
import { startStep, type StepServer } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

const repliesTo = (uri: string, { url }: StepServer, retry = 0) => ({
  reply: { uri },
  delivery: { retry, ...atOnce, deadLetterSink: { uri: url } }
})

describe.each(storeKinds)('the dead letter sink of a pipeline that replies to a destination, on %s', kind => {
  const newStore = storesOf(kind)

  it('gets the reply that the destination refused, and why', async () => {
    await using step = await startStep({ headers: { 'content-type': 'text/plain' }, body: 'scored' })
    await using destination = await startStep({ status: 400, body: 'no such topic' })
    await using sink = await startStep(503, 202)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [{ name: 'score', uri: step.url }],
      spec: repliesTo(`${destination.url}/replies`, sink, 1)
    })
    const { id } = await gateway.accept()
    await gateway.until(id, 'failed')
    const [, letter] = sink.requests
    expect([letter?.body.toString(), sink.requests.length]).toEqual(['scored', 2])
    expect(letter?.headers).toMatchObject({
      'content-type': 'text/plain',
      'ce-id': `${id}.score`,
      'ce-source': '/default/test/score',
      'ce-knativeerrordest': `${destination.url}/replies`,
      'ce-knativeerrorcode': '400',
      'ce-knativeerrordata': Buffer.from('no such topic').toString('base64'),
      'ce-sluicepipeline': 'default/test',
      'ce-sluiceattempts': '1',
      'ce-sluicerequestid': id
    })
    expect(letter?.headers).not.toHaveProperty('ce-sluicestep')
  })

  it('gets the reply that could not be delivered after all attempts, and no more once a replay delivers it', async () => {
    const port = await freePort()
    const uri = `http://127.0.0.1:${port}/`
    await using step = await startStep({ body: 'scored' })
    await using sink = await startStep(202)
    const store = newStore()
    await using gateway = await startStoredGateway(store, { steps: [step.url], spec: repliesTo(uri, sink, 2) })
    const { id } = await gateway.accept()
    await gateway.until(id, 'failed')
    const [letter] = sink.requests
    expect(letter?.headers).toMatchObject({
      'ce-knativeerrordest': uri,
      'ce-knativeerrorcode': '502',
      'ce-sluiceattempts': '3'
    })
    const data = Buffer.from(String(letter?.headers['ce-knativeerrordata']), 'base64').toString()
    expect(data).toMatch(/the reply destination could not be reached/)
    await using destination = await startStep(202)
    await gateway[Symbol.asyncDispose]()
    const spec = repliesTo(destination.url, sink)
    await using next = await startStoredGateway(store, { steps: [step.url], spec })
    const replay = await fetch(`${next.adminUrl}/deadletters/${id}/replay`, { method: 'POST' })
    await next.until(((await replay.json()) as { id: string }).id, 'replied')
    expect(destination.requests.map(({ body }) => body.toString())).toEqual(['scored'])
    expect([step.requests.length, sink.requests.length]).toEqual([1, 1])
  })

  it('gets nothing of a reply that waits for the breaker of its destination', async () => {
    await using step = await startStep({ body: 'scored' })
    await using destination = await startStep(500)
    await using sink = await startStep(202)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: repliesTo(destination.url, sink)
    })
    const opensAfter = 20
    for (let i = 0; i < opensAfter; i++) await gateway.until((await gateway.accept()).id, 'failed')
    const { id } = await gateway.accept()
    await waitFor(async () => (await gateway.status(id)).deliveries === 0, { what: 'the request to be put back' })
    expect([destination.requests.length, sink.requests.length]).toEqual([opensAfter, opensAfter])
  })

  it('gets nothing of a reply whose request is cancelled', async () => {
    const gate = createGate()
    await using step = await startStep({ body: 'scored' })
    await using destination = await startStep(async () => {
      await gate.opened
      return 400
    })
    await using sink = await startStep(202)
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: repliesTo(destination.url, sink)
    })
    const { id, links } = await gateway.accept()
    const [sent] = await destination.waitForRequests(1)
    expect((await gateway.call(links.self, { method: 'DELETE' })).status).toBeLessThan(300)
    await waitFor(() => sent?.signal.aborted, { what: 'the call of the destination to be given up' })
    gate.open()
    await gateway.until(id, 'cancelled')
    await gateway[Symbol.asyncDispose]()
    expect(sink.requests).toHaveLength(0)
  })
})
