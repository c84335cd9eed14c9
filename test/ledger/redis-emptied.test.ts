import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import { aRequest, longLease } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { connectReplica } from './redis-ledgers.ts'

const pipeline = 'default/comments'

async function openEmptied(...commands: readonly (readonly [string, ...string[]])[]) {
  await using opening = new AsyncDisposableStack()
  const server = opening.use(await startRedis())
  const told: string[] = []
  const log = { ...silentLog, error: (_: object, message: string) => told.push(message) }
  const ledger = opening.use(await connectRedisLedger({ url: server.url, prefix: 'test', log }))
  await ledger.accept([aRequest()])
  const control = opening.adopt(new Redis(server.url), client => client.disconnect())
  for (const [name, ...args] of commands) await control.call(name, ...args)
  const owned = opening.move()
  return { server, ledger, told, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const tells = expect.stringContaining('the store was emptied by somebody else')

it('runs what it accepts after somebody emptied the database, also when the next process has to find it', async () => {
  await using emptied = await openEmptied(['FLUSHDB'])
  const { server, ledger, told } = emptied
  const requests = [aRequest(), aRequest()]
  for (const request of requests) await ledger.accept([request])
  await ledger[Symbol.asyncDispose]()
  await using next = await connectReplica(server.url, 'test')
  expect(await next.claimable()).toEqual([pipeline])
  const claimed = await next.claim(pipeline, 10, longLease)
  expect(claimed.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))
  expect(told).toEqual([tells])
})

it('says that the database was emptied although nothing comes any more, once', async () => {
  await using emptied = await openEmptied(['FLUSHALL'])
  for (let looks = 0; looks < 3; looks++) expect(await emptied.ledger.claimable()).toEqual([])
  expect(emptied.told).toEqual([tells])
})

it('finds what it accepted when only the index of pipelines was removed', async () => {
  await using emptied = await openEmptied(['DEL', 'test:pipelines'])
  expect(await emptied.ledger.claimable()).toEqual([pipeline])
  expect(emptied.told).toEqual([tells])
  await using next = await connectReplica(emptied.server.url, 'test')
  expect(await next.claimable()).toEqual([pipeline])
})

it('takes a pipeline whose requests have all expired for what it is', async () => {
  await using emptied = await openEmptied(['DEL', 'test:{default%2Fcomments}:all'])
  await emptied.ledger.accept([aRequest()])
  expect(emptied.told).toEqual([])
})
