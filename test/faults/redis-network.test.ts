import { afterEach, describe, expect, it } from 'vitest'
import { startRedis } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connectReplica } from '../ledger/redis-ledgers.ts'
import { startStoreLoad } from './store-load.ts'
import { startStoreScene } from './store-scene.ts'
import { expectPromisesKept, isRefusal, waitForRecovery, waitForRefusals } from './store-verdict.ts'
import { startTcpFaultProxy, type Network } from './tcp-fault-proxy.ts'

const everyAck = ['--appendonly', 'yes', '--appendfsync', 'always']
const healthy: Network = { kind: 'healthy' }

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

describe('under load, a gateway', () => {
  it('accepts each request once while its connections are reset all the time', async () => {
    const { proxy, scene, load } = await open()
    proxy.behave({ kind: 'cut', everyMs: 15 })
    await waitForRefusals(load, 50)
    proxy.behave(healthy)
    expect(await waitForRecovery(load, performance.now())).toBeLessThan(10_000)
    await load.stop()
    await expectPromisesKept(scene, load)
  })

  it('refuses in bounded time while nothing comes through, and goes on when something does', async () => {
    const { proxy, scene, load } = await open()
    proxy.behave({ kind: 'mute' })
    const firstMute = load.answers.length
    await waitForRefusals(load, 50)
    await waitFor(() => load.answers.slice(firstMute).some(({ sentAt, at }) => at - sentAt < 500), {
      what: 'a refusal at once'
    })
    proxy.behave(healthy)
    expect(await waitForRecovery(load, performance.now())).toBeLessThan(10_000)
    await load.stop()
    await expectPromisesKept(scene, load)
  })

  it('accepts later, and refuses nothing, while the way to Redis is long', async () => {
    const { proxy, scene, load } = await open()
    proxy.behave({ kind: 'slow', delayMs: 100 })
    const since = load.answers.length
    await waitFor(() => load.answers.length > since + 150, { what: 'requests that took the long way' })
    proxy.behave(healthy)
    await load.stop()
    expect(load.answers.filter(isRefusal)).toEqual([])
    await expectPromisesKept(scene, load)
  })
})

it('does not forget what the server guarantees when a connection ends before the server has told', async () => {
  const server = held.use(await startRedis({ args: everyAck }))
  const proxy = held.use(await startTcpFaultProxy(server.port))
  const ledger = held.use(await connectReplica(`redis://127.0.0.1:${proxy.port}`, 'test'))
  const summaries = new Set<string>()
  proxy.behave({ kind: 'cut', everyMs: 15 })
  await waitFor(() => summaries.add(ledger.durability.summary) && proxy.connections > 20, { what: 'new connections' })
  proxy.behave(healthy)
  expect([...summaries]).toEqual([expect.stringContaining('survives kill -9 and power loss')])
})

it('can be closed in the middle of connecting again', async () => {
  const server = held.use(await startRedis({ args: everyAck }))
  for (let round = 0; round < 15; round++) {
    await using proxy = await startTcpFaultProxy(server.port)
    await using ledger = await connectReplica(`redis://127.0.0.1:${proxy.port}`, 'test')
    using watching = ledger.watch(() => {})
    expect(watching).toBeDefined()
    proxy.behave({ kind: 'cut', everyMs: 15 })
    const connected = proxy.connections
    await waitFor(() => proxy.connections > connected + (round % 4), { what: 'a new connection' })
  }
})

async function open() {
  const server = held.use(await startRedis({ args: everyAck }))
  const proxy = held.use(await startTcpFaultProxy(server.port))
  const scene = held.use(await startStoreScene({ store: `redis://127.0.0.1:${proxy.port}` }))
  const load = held.use(startStoreLoad(scene))
  await waitFor(() => load.accepted.size >= 50, { what: 'some requests to be accepted' })
  return { proxy, scene, load }
}
