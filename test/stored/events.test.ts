import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { readServerSentEvents, restOf } from './event-reader.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

describe.each(storeKinds)('the events of a request on %s', kind => {
  const newStore = storesOf(kind)

  it('tell each change, and end with the request', async () => {
    const gates = [createGate(), createGate()]
    await using first = await startStep(async () => {
      await gates[0]?.opened
      return { body: '{}', headers: { 'content-type': 'application/json' } }
    })
    await using second = await startStep(async () => {
      await gates[1]?.opened
      return { body: 'done' }
    })
    await using gateway = await startStoredGateway(newStore(), {
      steps: [
        { name: 'first', uri: first.url },
        { name: 'second', uri: second.url }
      ]
    })
    const { id, links } = await gateway.accept()
    const answer = await gateway.call(links.events)
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream',
      'no-store'
    ])
    const seen: string[] = []
    for await (const { event, data } of readServerSentEvents(answer)) {
      seen.push(`${event} ${data.step ?? '-'} ${data.steps.length}`)
      gates[data.steps.length - 1]?.open()
      expect(data).toMatchObject({ id, status: event, links })
    }
    expect(seen).toEqual(['running first 1', 'running second 2', 'replied - 2'])
  })

  it('go on after the last one that was seen', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 200
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    const left = new AbortController()
    const first = await gateway.call(links.events, { signal: left.signal })
    const seen = await readServerSentEvents(first).next()
    const id = seen.done === true ? '' : seen.value.id
    left.abort()
    const resumed = await gateway.call(links.events, { headers: { 'last-event-id': id } })
    gate.open()
    const events = await restOf(readServerSentEvents(resumed))
    expect(events.map(({ event }) => event)).toEqual(['filtered'])
    expect(Number(events[0]?.id)).toBeGreaterThan(Number(id))
  })

  it('of a finished request are the last one, or none for who has seen it', async () => {
    await using step = await startEchoStep()
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { id, links } = await gateway.accept()
    const document = await gateway.until(id, 'replied')
    const events = await restOf(readServerSentEvents(await gateway.call(links.events)))
    expect(events).toEqual([{ id: expect.stringMatching(/^\d+$/), event: 'replied', data: document }])
    const seen = await gateway.call(links.events, { headers: { 'last-event-id': events[0]?.id ?? '' } })
    // 204 keeps an EventSource from connecting again and again.
    expect([seen.status, await seen.text()]).toEqual([204, ''])
  })

  it.each(['nonsense', '', '-1', '1e99', '0x10', '99'])(
    'begin with the present for Last-Event-ID %j',
    async lastEventId => {
      await using step = await startEchoStep()
      await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
      const { id, links } = await gateway.accept()
      await gateway.until(id, 'replied')
      const answer = await gateway.call(links.events, { headers: { 'last-event-id': lastEventId } })
      const events = await restOf(readServerSentEvents(answer))
      expect(events.map(({ event }) => event)).toEqual(['replied'])
    }
  )

  it('end when the request is cancelled', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    const events = readServerSentEvents(await gateway.call(links.events))
    expect(await events.next()).toMatchObject({ value: { event: 'running' } })
    await gateway.call(links.self, { method: 'DELETE' })
    expect(await restOf(events)).toMatchObject([{ event: 'cancelled' }])
  })

  it('reach everybody who listens', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 200
    })
    await using gateway = await startStoredGateway(newStore(), { steps: [step.url] })
    const { links } = await gateway.accept()
    const listeners = await Promise.all(Array.from({ length: 10 }, () => gateway.call(links.events)))
    gate.open()
    for (const listener of listeners) {
      const events = await restOf(readServerSentEvents(listener))
      expect(events.at(-1)).toMatchObject({ event: 'filtered' })
    }
  })
})
