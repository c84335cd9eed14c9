import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { anEvent } from '../helpers/events.ts'
import { acceptClaimed, aRequest, replied } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { openRedisLedger } from './redis-ledgers.ts'

/** A ledger on a server of its own, and how many scripts that one runs during some work. */
async function openCountedLedger() {
  await using opening = new AsyncDisposableStack()
  const server = opening.use(await startRedis())
  const { ledger } = opening.use(await openRedisLedger(server.url))
  const client = opening.adopt(new Redis(server.url), client => client.disconnect())
  const owned = opening.move()
  return {
    ledger,
    async runsDuring(work: () => Promise<unknown>): Promise<number> {
      await client.config('RESETSTAT')
      await work()
      const stats = await client.info('commandstats')
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

it('takes in sixteen requests of one turn by one script, and settles all of a turn by one', async () => {
  await using counted = await openCountedLedger()
  const { ledger } = counted
  await ledger.settle(await acceptClaimed(ledger, aRequest()), replied)

  const requests = Array.from({ length: 40 }, () => aRequest())
  let claims: Awaited<ReturnType<typeof acceptClaimed>>[] = []
  const accept = async () => {
    claims = await Promise.all(requests.map(request => acceptClaimed(ledger, request)))
  }
  expect(await counted.runsDuring(accept)).toBe(3)
  expect(claims.map(({ id }) => id)).toEqual(requests.map(({ id }) => id))

  const settle = () => Promise.all(claims.map(claim => ledger.settle(claim, replied)))
  expect(await counted.runsDuring(settle)).toBe(1)
})

it('sends no more than 256 KiB to one script, but for a single request', async () => {
  await using counted = await openCountedLedger()
  const { ledger } = counted
  await ledger.accept([aRequest()])
  const sized = (kib: number) => aRequest({ event: anEvent({ data: new Uint8Array(kib * 1024) }) })
  const acceptAll = (sizes: readonly number[]) => () => Promise.all(sizes.map(size => ledger.accept([sized(size)])))
  expect(await counted.runsDuring(acceptAll([100, 100, 100, 100, 100]))).toBe(3)
  expect(await counted.runsDuring(acceptAll([10, 400, 10, 10]))).toBe(3)
})
