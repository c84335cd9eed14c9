import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { readServerSentEvents, restOf } from './event-reader.ts'
import { startStoredGateway, type StoredGateway } from './stored-gateway.ts'
import { storesOf } from './stores.ts'

const startReplicas = async (store: string, uri: string) => {
  await using opened = new AsyncDisposableStack()
  const one = opened.use(await startStoredGateway(store, { steps: [uri] }))
  const other = opened.use(await startStoredGateway(store, { steps: [uri] }))
  const owned = opened.move()
  return { one, other, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const never = () => new Promise<number>(() => {})

describe('a request that another replica runs', () => {
  const newStore = storesOf('Redis')

  it('is followed, waited for and fetched here', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { headers: { 'content-type': 'text/plain' }, body: 'done' }
    })
    await using replicas = await startReplicas(newStore(), step.url)
    const { one, other } = replicas
    const { links } = await one.accept()
    await step.waitForRequests(1)
    const status = other.call(links.self, { headers: { prefer: 'wait=30' } })
    const events = await other.call(links.events)
    gate.open()
    expect((await restOf(readServerSentEvents(events))).map(({ event }) => event)).toEqual(['running', 'replied'])
    expect(await (await status).json()).toMatchObject({ status: 'replied' })
    expect(await (await other.call(links.reply)).text()).toBe('done')
  })

  it('is known here by its Idempotency-Key', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using replicas = await startReplicas(newStore(), step.url)
    const { one, other } = replicas
    const key = { 'idempotency-key': 'a' }
    const { id } = await one.accept('{}', key)
    expect((await other.accept('{}', key)).id).toBe(id)
    expect((await other.post('{}', { headers: key })).status).toBe(409)
    const waiting = other.post('{}', { headers: { ...key, prefer: 'respond-async, wait=30' } })
    gate.open()
    expect(await (await waiting).text()).toBe('done')
    expect(step.requests).toHaveLength(1)
  })

  it('can be cancelled here, which aborts its step call there and is counted once', async () => {
    await using step = await startStep(never)
    await using replicas = await startReplicas(newStore(), step.url)
    const { one, other } = replicas
    const { id, links } = await one.accept()
    const [call] = await step.waitForRequests(1)
    expect((await other.call(links.self, { method: 'DELETE' })).status).toBe(200)
    await waitFor(() => call?.signal.aborted, { what: 'the step call to be aborted' })
    expect(await one.status(id)).toMatchObject({ status: 'cancelled' })
    const metrics = async ({ adminUrl }: StoredGateway) => (await fetch(`${adminUrl}/metrics`)).text()
    const isOver = async () => (await metrics(one)).includes('sluice_inflight{pipeline="default/test"} 0\n')
    await waitFor(isOver, { what: 'the end of its run' })
    const counted = /^sluice_requests_total.*$/gm
    expect((await metrics(one)).match(counted)).toBeNull()
    expect((await metrics(other)).match(counted)).toEqual([
      'sluice_requests_total{pipeline="default/test",mode="async",outcome="cancelled"} 1'
    ])
  })

  it('goes on here when the other one shuts down', async () => {
    await using step = await startStep(never, { body: 'done' })
    await using replicas = await startReplicas(newStore(), step.url)
    const { one, other } = replicas
    const { id } = await one.accept()
    await step.waitForRequests(1)
    await one[Symbol.asyncDispose]()
    expect(await other.until(id, 'replied')).toMatchObject({ deliveries: 1 })
  })
})
