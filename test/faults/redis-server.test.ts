import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { freePort } from '../helpers/loopback.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { startStoreLoad, type StoreLoad } from './store-load.ts'
import { startStoreScene, type StoreScene } from './store-scene.ts'
import { expectPromisesKept, isRefusal, waitForRecovery, waitForRefusals } from './store-verdict.ts'

const everyAck = ['--appendonly', 'yes', '--appendfsync', 'always']

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

describe('under load, a gateway', () => {
  it('refuses while Redis is dead, and goes on when it is back', async () => {
    const { server, scene, load } = await open()
    await server.kill9()
    await waitForRefusals(load, 50)
    await server.restart()
    await recover(scene, load)
  })

  it('refuses in bounded time while Redis hangs, and goes on when it wakes up', async () => {
    const { server, scene, load } = await open()
    server.stop()
    const firstSilent = load.answers.length
    await waitForRefusals(load, 50)
    // Once it is known that Redis hangs, nobody waits for it any more.
    await waitFor(() => load.answers.slice(firstSilent).some(({ sentAt, at }) => at - sentAt < 500), {
      what: 'a refusal at once'
    })
    server.cont()
    await recover(scene, load)
  })

  it('does not notice that Redis forgets its scripts', async () => {
    const { control, scene, load } = await open()
    for (let flushes = 0; flushes < 200; flushes++) await control.script('FLUSH')
    await recover(scene, load)
    expect(load.answers.filter(isRefusal)).toEqual([])
  })

  it('refuses while the memory of Redis is full, and goes on when it has more', async () => {
    const { control, scene, load } = await open()
    await control.config('SET', 'maxmemory', '1mb')
    await waitForRefusals(load, 50)
    await control.config('SET', 'maxmemory', '0')
    await recover(scene, load)
  })

  it('refuses while Redis is a replica, and goes on when it is a master again', async () => {
    const { control, scene, load } = await open()
    await control.replicaof('127.0.0.1', await freePort())
    await waitForRefusals(load, 50)
    await control.replicaof('NO', 'ONE')
    await recover(scene, load)
  })

  it('refuses while Redis loads its data, and goes on when it has', async () => {
    const { server, control, scene, load } = await open(['--key-load-delay', '400'])
    const filling = control.pipeline()
    for (let i = 0; i < 2500; i++) filling.set(`filler-${i}`, '')
    await filling.exec()
    const impatient = held.adopt(new Redis(server.url, { enableReadyCheck: false }), client => client.disconnect())
    impatient.on('error', () => {})
    const restarting = server.restart()
    const isLoading = async (): Promise<boolean> => (await impatient.info('persistence')).includes('loading:1')
    await waitFor(isLoading, { what: 'Redis to be loading' })
    const before = load.answers.filter(isRefusal).length
    await waitForRefusals(load, before + 1)
    await restarting
    await recover(scene, load)
  })
})

it('answers 202, not 503, to one who waits for an accepted request when Redis dies', async () => {
  const gate = createGate()
  const server = held.use(await startRedis({ args: everyAck }))
  const scene = held.use(await startStoreScene({ store: server.url, work: () => gate.opened }))
  const waiting = scene.post('work', { prefer: 'respond-async, wait=2' })
  await waitFor(() => scene.executions.has('work'), { what: 'the step to be called' })
  await server.kill9()
  const answer = await waiting
  expect([answer.status, answer.headers.get('location')]).toEqual([202, expect.stringContaining('/requests/')])
  gate.open()
  await server.restart()
  const url = `${scene.url}${answer.headers.get('location')}`
  await waitFor(async () => (await (await fetch(url)).text()).includes('"replied"'), { what: 'the reply' })
})

async function open(args: readonly string[] = []) {
  const server: RedisServer = held.use(await startRedis({ args: [...everyAck, ...args] }))
  const control = held.adopt(new Redis(server.url), client => client.disconnect())
  control.on('error', () => {})
  const scene = held.use(await startStoreScene({ store: server.url }))
  const load = held.use(startStoreLoad(scene))
  await waitFor(() => load.accepted.size >= 50, { what: 'some requests to be accepted' })
  return { server, control, scene, load }
}

/** The fault is over: stored requests are accepted again, and none was lost or done twice. */
async function recover(scene: StoreScene, load: StoreLoad): Promise<void> {
  const took = await waitForRecovery(load, performance.now())
  expect(took).toBeLessThan(10_000)
  await load.stop()
  await expectPromisesKept(scene, load)
}
