import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { NewRequest } from '../../src/ledger/record/new-request.ts'
import { acceptClaimed, aRequest, longLease, readRecord, replied } from '../helpers/ledger-requests.ts'
import { freePort } from '../helpers/loopback.ts'
import { startProcess } from '../helpers/process.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const pipeline = 'default/comments'
const refusedForMs = 20
const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0']

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

const connect = async (url: string): Promise<Ledger> =>
  held.use(await connectRedisLedger({ url, prefix: 'test', confirm: true, log: silentLog }))

function control({ url }: Pick<RedisServer, 'url'>): Redis {
  const client = held.adopt(new Redis(url), each => each.disconnect())
  client.on('error', () => {})
  return client
}

async function startReplicated(replicas: number): Promise<{ master: RedisServer; followers: RedisServer[] }> {
  const master = held.use(await startRedis({ args: durable }))
  const followers: RedisServer[] = []
  for (let i = 0; i < replicas; i++) {
    followers.push(held.use(await startRedis({ args: [...durable, '--replicaof', '127.0.0.1', String(master.port)] })))
  }
  const client = control(master)
  const following = async (): Promise<number> =>
    (await client.info('replication')).split('\n').filter(line => line.includes('state=online')).length
  await waitFor(async () => (await following()) === replicas, {
    what: 'the replicas to follow',
    timeoutMs: 30_000
  })
  return { master, followers }
}

it('accepts what every replica has, claimed and not', async () => {
  const { master, followers } = await startReplicated(2)
  const ledger = await connect(master.url)
  expect(ledger.durability).toMatchObject({ level: 3, warnings: [] })
  expect(ledger.durability.summary).toContain('replicas 2 (min-replicas-to-write 0), which confirm each acceptance')
  const claimed = await acceptClaimed(ledger, aRequest())
  const waiting = [aRequest(), aRequest()]
  expect(await ledger.accept(waiting)).toMatchObject([{ claimed: undefined }, { claimed: undefined }])
  for (const follower of followers) {
    const known = await control(follower).zrange('test:{default%2Fcomments}:all', 0, '-1')
    expect(known).toEqual([claimed, ...waiting].map(({ id }) => id))
  }
  expect(await ledger.pending(pipeline)).toMatchObject({ queued: 2, claimed: 1 })
  const next = await ledger.claim(pipeline, 10, longLease)
  expect(next.map(({ id, takenOver, record }) => [id, takenOver, record.deliveries])).toEqual(
    waiting.map(({ id }) => [id, false, 1])
  )
  expect(await ledger.settle(claimed, replied)).toBe(true)
})

it('refuses what a replica does not confirm, leaves nothing of it, and goes on when it does', async () => {
  const { master, followers } = await startReplicated(1)
  const ledger = await connect(master.url)
  const before = aRequest({ deduplicationKeys: ['key-0'], orderKey: 'order' })
  const first = await acceptClaimed(ledger, before)
  followers[0]?.stop()
  const refused = [
    aRequest({ deduplicationKeys: ['key-1'] }),
    aRequest({ orderKey: 'order' }),
    aRequest({ orderKey: 'another' })
  ]
  for (const request of refused) {
    await expect(ledger.accept([request], longLease)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(ledger.accept([request])).rejects.toThrow('not every replica of Redis')
  }
  for (const { id } of refused) expect(await ledger.read(pipeline, id)).toBeUndefined()
  expect(await ledger.claim(pipeline, 10, longLease)).toEqual([])
  followers[0]?.cont()
  const again = aRequest({ deduplicationKeys: ['key-1'] })
  const accepted = await waitFor(() => ledger.accept([again]), { what: 'the replica to confirm' })
  expect(accepted).toMatchObject([{ kind: 'accepted', id: again.id }])
  expect(await ledger.settle(first, replied)).toBe(true)
  const keys = await control(master).keys('test:{default%2Fcomments}:request:*')
  expect(keys).toHaveLength(2)
})

it('has no replica to wait for where there is none', async () => {
  const { master } = await startReplicated(0)
  const ledger = await connect(master.url)
  expect(ledger.durability).toMatchObject({ level: 3, warnings: [] })
  const request = aRequest()
  expect(await ledger.accept([request])).toMatchObject([{ kind: 'accepted' }])
  expect(await readRecord(ledger, request)).toMatchObject({ status: 'accepted', version: 1 })
})

it('loses nothing, and runs nothing that it refused, in a planned failover', { timeout: 90_000 }, async () => {
  const { master, followers } = await startReplicated(2)
  const sentinel = await startSentinel(master.port, followers)
  const ledger = await connect(`redis+sentinel://127.0.0.1:${sentinel.port}/main`)
  expect(ledger.durability.warnings).toEqual([])
  const accepted: NewRequest[] = []
  const refused: NewRequest[] = []
  const stop = new AbortController()
  held.defer(() => stop.abort())
  const callers = Array.from({ length: 6 }, async (_, i) => {
    while (!stop.signal.aborted) {
      const request = aRequest()
      const to = await ledger.accept([request], i % 2 === 0 ? longLease : undefined).then(
        () => accepted,
        () => refused
      )
      to.push(request)
      // A caller who is refused at once leaves the machine to Redis for a moment.
      if (to === refused) await delay(refusedForMs)
    }
  })
  await waitFor(() => accepted.length > 200, { what: 'the load', timeoutMs: 30_000 })
  // It refuses while no replica is good enough, on a machine that others keep busy.
  const begins = (): Promise<boolean> =>
    control(sentinel)
      .call('SENTINEL', 'FAILOVER', 'main')
      .then(
        () => true,
        (error: Error) => {
          if (error.message.startsWith('NOGOODSLAVE')) return false
          throw error
        }
      )
  await waitFor(begins, { what: 'the failover to begin', timeoutMs: 30_000 })
  const oldMaster = control(master)
  const isReplica = async (): Promise<boolean> => (await oldMaster.info('replication')).includes('role:slave')
  await waitFor(isReplica, { what: 'the old master to be a replica', timeoutMs: 60_000 })
  const before = accepted.length
  await waitFor(() => accepted.length > before + 50, { what: 'the new master', timeoutMs: 60_000 })
  stop.abort()
  await Promise.all(callers)
  for (const request of accepted) expect(await ledger.read(pipeline, request.id)).toMatchObject({ id: request.id })
  // One whose withdrawal met the failover is withdrawn a little later, and claimed until then, so that nobody runs it.
  const kept = async (): Promise<number> => {
    const records = await Promise.all(refused.map(({ id }) => ledger.read(pipeline, id)))
    return records.filter(record => record !== undefined).length
  }
  await waitFor(async () => (await kept()) === 0, { what: 'the withdrawal of what was refused', timeoutMs: 9_000 })
})

it('is refused by Sentinel where no replica follows that could confirm', { timeout: 60_000 }, async () => {
  const { master } = await startReplicated(0)
  const sentinel = await startSentinel(master.port, [])
  const ledger = await connect(`redis+sentinel://127.0.0.1:${sentinel.port}/main`)
  expect(ledger.durability.warnings).toEqual([expect.stringContaining('none confirms what is accepted: start one')])
  await expect(ledger.accept([aRequest()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

async function startSentinel(masterPort: number, followers: readonly RedisServer[]) {
  const folder = held.use(await createTempFolder())
  const port = await freePort()
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder.path}`,
    `sentinel monitor main 127.0.0.1 ${masterPort} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 6000'
  ]
  const settings = await folder.write('sentinel.conf', lines.join('\n'))
  const sentinel = held.use(await startProcess('redis-server', [settings, '--sentinel']))
  await sentinel.waitForLine(/\+monitor master main/)
  for (const follower of followers)
    await sentinel.waitForLine(new RegExp(`\\+slave slave 127\\.0\\.0\\.1:${follower.port}`))
  return { url: `redis://127.0.0.1:${port}`, port }
}
