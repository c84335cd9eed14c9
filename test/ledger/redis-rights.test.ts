import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { connectRedisLedger } from '../../src/ledger/redis/connect-redis-ledger.ts'
import { acceptClaimed, aRequest, readRecord, replied } from '../helpers/ledger-requests.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'

let held = new AsyncDisposableStack()
afterEach(async () => {
  await held.disposeAsync()
  held = new AsyncDisposableStack()
})

describe('a user of Redis', () => {
  it.each([
    ['a command', ['~*', '&*', '+@all', '-zadd', '-hdel'], /lacks rights .*command HDEL.*command ZADD.*\+hdel.*\+zadd/],
    ['the keys of the ledger', ['~other:*', '&*', '+@all'], /lacks a right in Redis.* \(NOPERM .*keys/],
    ['writing', ['%R~*', '&*', '+@all'], /lacks a right in Redis.* \(NOPERM .*keys/],
    ['scripts', ['~*', '&*', '+@all', '-eval', '-evalsha'], /lacks a right in Redis.* \(NOPERM .*evalsha/]
  ])('who lacks %s is refused at the start, by its name', async (_, rules, message) => {
    const { connect, control, port } = await open(rules)
    const opening = connect()
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringMatching(message) })
    await expect(opening).rejects.toThrow(`redis at 127.0.0.1:${port}: `)
    await expect(opening).rejects.not.toThrow('secret')
    await waitFor(async () => (await control.keys('*')).length === 0, { what: 'what was tried to be gone' })
  })

  it.each([
    ['who has no channels, as new ones', ['~*', '+@all']],
    ['who may not publish', ['~*', '&*', '+@all', '-publish']],
    ['who has channels of others', ['~*', '&other:*', '+@all']]
  ])('%s, is warned, and nothing of a request is undone', async (_, rules) => {
    const { connect, warnings } = await open(rules)
    const ledger = held.use(await connect())
    expect(warnings).toContainEqual(
      expect.stringMatching(/no right to channels.*ACL SETUSER NAME &sluice:\* \+publish/)
    )
    expect(ledger.durability.summary).toMatch(/, no right to channels$/)
    const claim = await acceptClaimed(ledger, aRequest())
    const waiting = ledger.wait(claim.pipeline, claim.id, claim.record.version, AbortSignal.timeout(15_000))
    expect(await ledger.settle(claim, replied)).toBe(true)
    expect(await waiting).toMatchObject({ status: 'replied' })
    await ledger.accept([aRequest()])
    expect(await ledger.pending(claim.pipeline)).toMatchObject({ queued: 1, claimed: 0 })
  })

  it('who loses its channels later is still told of what its own process does, at once', async () => {
    const { connect, control } = await open(['~*', '&*', '+@all'])
    const ledger = held.use(await connect())
    expect(ledger.durability.summary).toMatch(/, all rights$/)
    const subscribed = async (): Promise<boolean> => (await control.pubsub('CHANNELS')).length > 0
    await waitFor(subscribed, { what: 'the subscription' })
    await control.acl('SETUSER', 'app', 'resetchannels')
    await waitFor(async () => !(await subscribed()), { what: 'Redis to end the subscription' })
    const claim = await acceptClaimed(ledger, aRequest())
    const waiting = ledger.wait(claim.pipeline, claim.id, claim.record.version, AbortSignal.timeout(15_000))
    await readRecord(ledger, claim)
    expect(await ledger.settle(claim, replied)).toBe(true)
    expect(await waiting).toMatchObject({ status: 'replied' })
  })
})

async function open(rules: readonly string[]) {
  const server = held.use(await startRedis())
  const control = held.adopt(new Redis(server.url), client => client.disconnect())
  await control.acl('SETUSER', 'app', 'on', '>secret', ...rules)
  const warnings: string[] = []
  const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) }
  const url = server.url.replace('://', '://app:secret@')
  return { control, warnings, port: server.port, connect: () => connectRedisLedger({ url, log }) }
}
