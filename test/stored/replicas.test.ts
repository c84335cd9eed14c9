import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { readServerSentEvents, restOf } from './event-reader.ts'
import { startStoredGateway } from './stored-gateway.ts'
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

  it('can be cancelled here, which aborts its step call there', async () => {
    await using step = await startStep(never)
    await using replicas = await startReplicas(newStore(), step.url)
    const { one, other } = replicas
    const { id, links } = await one.accept()
    const [call] = await step.waitForRequests(1)
    expect((await other.call(links.self, { method: 'DELETE' })).status).toBe(200)
    await waitFor(() => call?.signal.aborted, { what: 'the step call to be aborted' })
    expect(await one.status(id)).toMatchObject({ status: 'cancelled' })
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
