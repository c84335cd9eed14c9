import { describe, expect, it } from 'vitest'
import { startKillableGateway, startSuccessor } from '../helpers/killable-gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startEventSource } from './event-source.ts'
import { storeKinds, storesOf } from './stores.ts'

/** A step that streams differently at each call: `N-a`, then, when the test lets it, `N-b`. */
async function startCountingStep() {
  const gates = [createGate(), createGate(), createGate()]
  let calls = 0
  const step = await startStep(() => {
    const no = ++calls
    async function* body() {
      yield `{"part":"${no}-a"}\n`
      await gates[no]?.opened
      yield `{"part":"${no}-b"}\n`
    }
    return { headers: { 'content-type': 'application/x-ndjson' }, body: body() }
  })
  return { step, gates, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
}

const events = (url: string, id: string) => `${url}/default/test/requests/${id}/events`
const reply = (url: string, id: string) => `${url}/default/test/requests/${id}/reply`
const second = '{"part":"2-a"}\n{"part":"2-b"}\n'

describe.each(storeKinds)('a stream that kill -9 broke off, on %s,', kind => {
  const newStore = storesOf(kind)

  it('begins anew: nothing of the run before is part of it', { timeout: 60_000 }, async () => {
    await using model = await startCountingStep()
    const options = {
      steps: [{ name: 'model', uri: model.step.url }],
      store: newStore(),
      leaseMs: kind === 'Redis' ? 1_000 : 3_600_000
    }
    await using killed = await startKillableGateway(options)
    const id = await submit(killed)
    const before = await startEventSource(events(killed.url, id))
    await before.until('chunk')
    expect(before.text('chunk')).toBe('{"part":"1-a"}\n')
    await killed.kill9()
    await before.ended()
    await using next = await startSuccessor(options)
    await model.step.waitForRequests(2)
    await using after = await startEventSource(events(next.url, id), before.lastEventId)
    await after.until('chunk')
    model.gates[2]?.open()
    await after.ended()
    const told = after.events.map(({ event }) => event).filter(event => event !== 'running')
    expect(told).toEqual(['restart', ...told.slice(1, -1).map(() => 'chunk'), 'replied'])
    expect(after.text('chunk')).toBe(second)
    expect(after.last('chunk')?.id).toBe(`2-${second.length}`)
    expect(await ended(next, id)).toMatchObject({ status: 'replied', deliveries: 2 })
    expect(await (await fetch(reply(next.url, id))).text()).toBe(second)
    // Whoever had a part of the run that broke off is told so after the end, too.
    await using late = await startEventSource(events(next.url, id), before.lastEventId)
    await late.ended()
    expect([late.events[0]?.event, late.text('chunk')]).toEqual(['restart', second])
  })
})

describe('a stream that another replica broke off', () => {
  const newStore = storesOf('Redis')

  it('is a restart in events, and a cut in what is fetched', { timeout: 60_000 }, async () => {
    await using model = await startCountingStep()
    const options = { steps: [{ name: 'model', uri: model.step.url }], store: newStore(), leaseMs: 1_000 }
    await using killed = await startKillableGateway(options)
    const id = await submit(killed)
    await using other = await startSuccessor(options)
    await using source = await startEventSource(events(other.url, id))
    await source.until('chunk')
    const fetched = await fetch(reply(other.url, id))
    const streamed = readStreamedText(fetched)
    await streamed.until('1-a')
    await killed.kill9()
    await source.until('restart')
    await waitFor(() => streamed.ended, { what: 'the cut' })
    expect(streamed.text).toBe('{"part":"1-a"}\n')
    model.gates[2]?.open()
    await source.ended()
    const at = source.events.findIndex(({ event }) => event === 'restart')
    const since = source.events.slice(at + 1).filter(({ event }) => event === 'chunk')
    expect(since.map(({ data }) => data).join('')).toBe(second)
  })
})
