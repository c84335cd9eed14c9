import { describe, expect, it } from 'vitest'
import { createGate, whenOpened } from '../helpers/gate.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { readServerSentEvents, restOf } from './event-reader.ts'
import { startStoredGateway } from './stored-gateway.ts'
import { storeKinds, storesOf } from './stores.ts'

async function waitingRequests({ adminUrl }: TestGateway): Promise<readonly unknown[]> {
  const answer = await fetch(`${adminUrl}/requests?status=accepted`)
  const { items } = (await answer.json()) as { items: unknown[] }
  return items
}

describe.each(storeKinds)('a shutdown, on %s,', kind => {
  const newStore = storesOf(kind)
  const wait = { headers: { prefer: 'wait=20' } }
  const accept = { headers: { prefer: 'respond-async, wait=20' } }

  it('tells those at once whose request nobody runs, and the others before they are cut', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      spec: { limits: { maxInFlight: 1 } },
      config: { shutdownGraceMs: 2_000 }
    })
    const running = gateway.post('{}', accept)
    await step.waitForRequests(1)
    const { id, links } = await gateway.accept()
    const asking = gateway.call(links.self, wait)
    const events = readServerSentEvents(await gateway.call(links.events))
    expect((await events.next()).value?.event).toBe('accepted')
    const posting = gateway.post('{}', accept)
    await waitFor(async () => (await waitingRequests(gateway)).length === 2, { what: 'the second in the queue' })
    const closed = gateway[Symbol.asyncDispose]()
    const first = Promise.race([running.then(() => 'who runs'), posting.then(() => 'who waits')])
    const [posted, asked] = await Promise.all([posting, asking])
    expect([posted.status, posted.headers.get('location')]).toEqual([202, expect.stringContaining('/requests/')])
    expect([asked.status, await asked.json()]).toMatchObject([200, { id, status: 'accepted' }])
    expect(await restOf(events)).toEqual([])
    expect(await first).toBe('who waits')
    const late = await running
    expect([late.status, late.headers.get('connection')]).toEqual([202, 'close'])
    await closed
  })

  it('lets those wait whose request runs', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'done' }))
    await using gateway = await startStoredGateway(newStore(), {
      steps: [step.url],
      config: { shutdownGraceMs: 10_000 }
    })
    const { links } = await gateway.accept()
    await step.waitForRequests(1)
    const asked = gateway.call(links.self, wait)
    const events = readServerSentEvents(await gateway.call(links.events))
    expect((await events.next()).value?.event).toBe('running')
    const posted = gateway.post('{}', accept)
    await step.waitForRequests(2)
    const closed = gateway[Symbol.asyncDispose]()
    gate.open()
    expect(await (await asked).json()).toMatchObject({ status: 'replied' })
    expect((await restOf(events)).map(({ event }) => event)).toEqual(['replied'])
    expect(await (await posted).text()).toBe('done')
    await closed
  })
})
