import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { NewRequest } from '../../src/ledger/record/new-request.ts'
import { anEvent } from '../helpers/events.ts'
import { acceptClaimed, aRequest, longLease, readRecord, replied } from '../helpers/ledger-requests.ts'
import { freePort } from '../helpers/loopback.ts'
import { startRedis, type RedisServer } from '../helpers/redis-server.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { connectReplica } from './redis-ledgers.ts'

const pipeline = 'default/comments'
const everyAck = ['--appendonly', 'yes', '--appendfsync', 'always']

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

it('loses nothing that it accepted when Redis is killed, and goes on when it is back', async () => {
  const { server, ledger } = await open(everyAck)
  const accepted: NewRequest[] = []
  const failures: unknown[] = []
  const callers = Array.from({ length: 8 }, async () => {
    while (failures.length === 0) {
      const request = aRequest()
      await ledger.accept([request]).then(
        () => accepted.push(request),
        (error: unknown) => failures.push(error)
      )
    }
  })
  await waitFor(() => accepted.length >= 50, { what: 'some requests to be accepted' })
  await server.kill9()
  await Promise.all(callers)
  for (const failure of failures) expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await server.restart()
  await waitFor(() => answers(ledger), { what: 'the ledger to go on' })
  for (const request of accepted) expect(await readRecord(ledger, request)).toMatchObject({ status: 'accepted' })
})

it('answers soon that the store is not available while Redis hangs, and goes on when it wakes up', async () => {
  const { server, ledger } = await open()
  await ledger.accept([aRequest()])
  server.stop()
  const asked = performance.now()
  await expect(ledger.accept([aRequest()])).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: 'Redis did not answer in time'
  })
  expect(performance.now() - asked).toBeLessThan(6000)
  server.cont()
  await waitFor(() => answers(ledger), { what: 'the ledger to go on' })
  await ledger.accept([aRequest()])
})

it('gives at once what was claimed for a caller who got no answer, without counting a delivery', async () => {
  const { server, ledger } = await open()
  await ledger.accept([aRequest()])
  const request = aRequest()
  server.stop()
  await expect(ledger.accept([request], longLease)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  server.cont()
  const claim = async () => (await ledger.claim(pipeline, 10, longLease)).find(({ id }) => id === request.id)
  const { record } = await waitFor(claim, { what: 'the request to be claimed' })
  expect(record.deliveries).toBe(1)
})

it('accepts each request once while its connections are cut all the time', async () => {
  const { ledger, control } = await open()
  const requests = Array.from({ length: 60 }, () => aRequest({ deduplicationKeys: [randomUUID()] }))
  let failures = 0
  const accept = async (request: NewRequest): Promise<void> => {
    await waitFor(() => ledger.accept([request]).catch(() => void failures++), { what: 'a request to be accepted' })
  }
  // Before the request, beside it or behind it: by two connections the server gets both in any order.
  const cut = (): Promise<unknown> => control.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  for (const request of requests) await Promise.all([accept(request), cut()])
  await waitFor(() => answers(ledger), { what: 'the ledger to go on' })
  expect(failures).toBeGreaterThan(0)
  const claims = await ledger.claim(pipeline, 1000, longLease)
  expect(claims.map(({ id }) => id).toSorted()).toEqual(requests.map(({ id }) => id).toSorted())
})

it('goes on when the server forgot its scripts', async () => {
  const { ledger, control } = await open()
  const first = await acceptClaimed(ledger, aRequest())
  await control.script('FLUSH')
  const answers = await Promise.all([
    ledger.settle(first, replied),
    ledger.accept([aRequest()]),
    ledger.accept([aRequest()])
  ])
  expect(answers).toMatchObject([true, [{ kind: 'accepted' }], [{ kind: 'accepted' }]])
})

it('refuses before it accepts when the memory is full, and still ends what it accepted', async () => {
  const { ledger, control } = await open(['--maxmemory', '12mb', '--maxmemory-policy', 'noeviction'])
  const big = (): NewRequest => aRequest({ event: anEvent({ data: new Uint8Array(100_000) }) })
  const running = await acceptClaimed(ledger, big())
  const accepted: NewRequest[] = []
  const { refused, failure } = await acceptUntilRefused(ledger, big, accepted)
  expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('maxmemory') })
  expect(await ledger.read(pipeline, refused.id)).toBeUndefined()
  expect(await ledger.pending(pipeline)).toMatchObject({ queued: accepted.length, claimed: 1 })
  expect(await ledger.settle(running, replied)).toBe(true)
  const [claimed] = await ledger.claim(pipeline, 1, longLease)
  expect(claimed?.id).toBe(accepted[0]?.id)

  await control.config('SET', 'maxmemory', '0')
  expect(await ledger.accept([big()])).toMatchObject([{ kind: 'accepted' }])
})

it('wakes one who waits although the messages are lost', async () => {
  const { ledger, control } = await open()
  const claimed = await acceptClaimed(ledger, aRequest())
  const waiting = ledger.wait(pipeline, claimed.id, claimed.record.version, AbortSignal.timeout(15_000))
  await waitFor(async () => Number(await control.call('CLIENT', 'KILL', 'TYPE', 'pubsub')) > 0, {
    what: 'the subscription to be cut'
  })
  await ledger.settle(claimed, replied)
  expect(await waiting).toMatchObject({ status: 'replied' })
})

it('waits on while Redis is away', async () => {
  const { server, ledger } = await open(everyAck)
  const claimed = await acceptClaimed(ledger, aRequest())
  const waiting = ledger.wait(pipeline, claimed.id, claimed.record.version, AbortSignal.timeout(15_000))
  // On the same connection: the wait has begun.
  await readRecord(ledger, claimed)
  await server.restart()
  await waitFor(() => answers(ledger), { what: 'the ledger to go on' })
  await ledger.settle(claimed, replied)
  expect(await waiting).toMatchObject({ status: 'replied' })
})

it('ends a wait when it is closed', async () => {
  const { ledger } = await open()
  const claimed = await acceptClaimed(ledger, aRequest())
  const waiting = ledger.wait(pipeline, claimed.id, claimed.record.version, AbortSignal.timeout(15_000))
  await readRecord(ledger, claimed)
  await Promise.all([
    expect(waiting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' }),
    ledger[Symbol.asyncDispose]()
  ])
})

it('writes nothing to a replica, and goes on when it is a master again', async () => {
  const { ledger, control } = await open()
  await ledger.accept([aRequest()])
  await control.replicaof('127.0.0.1', await freePort())
  await expect(ledger.accept([aRequest()])).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: 'Redis is a read-only replica at the moment'
  })
  await control.replicaof('NO', 'ONE')
  await waitFor(() => ledger.accept([aRequest()]), { what: 'the ledger to go on' })
})

it('says why it cannot be opened, without the password', async () => {
  const server = held.use(await startRedis({ args: ['--requirepass', 'right'] }))
  const url = server.url.replace('redis://', 'redis://default:sesame@')
  const opening = connectReplica(url, 'test')
  await expect(opening).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(/^redis at 127\.0\.0\.1:\d+: Redis refused the user or the password of the store/)
  })
  await expect(opening).rejects.not.toThrow('sesame')
})

async function open(args: readonly string[] = []): Promise<{ server: RedisServer; ledger: Ledger; control: Redis }> {
  const server = held.use(await startRedis({ args }))
  const ledger = held.use(await connectReplica(server.url, 'test'))
  const control = held.adopt(new Redis(server.url), client => client.disconnect())
  control.on('error', () => {})
  return { server, ledger, control }
}

const answers = async (ledger: Ledger): Promise<boolean> => (await ledger.pending(pipeline)).queued >= 0

/** Accepts one after the other; those that were accepted are added to the list. */
async function acceptUntilRefused(ledger: Ledger, next: () => NewRequest, accepted: NewRequest[]) {
  while (accepted.length < 1000) {
    const request = next()
    try {
      await ledger.accept([request])
    } catch (failure) {
      return { refused: request, failure }
    }
    accepted.push(request)
  }
  throw new Error('a thousand requests were accepted, and none refused')
}
