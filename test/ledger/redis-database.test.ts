import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { storeAddress } from '../../src/ledger/store-address.ts'
import { aRequest, readRecord } from '../helpers/ledger-requests.ts'
import { freePort } from '../helpers/loopback.ts'
import { startRedis } from '../helpers/redis-server.ts'
import { silentLog } from '../helpers/silent-log.ts'
import { waitFor } from '../helpers/wait-for.ts'

it('refuses a database that the server does not have, in place of using the first one', async () => {
  await using server = await startRedis({ args: ['--databases', '4'] })
  await using last = await openLedger(`${server.url}/3`, silentLog)
  await last.accept([aRequest()])
  await expect(openLedger(`${server.url}/4`, silentLog)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(/^redis at 127\.0\.0\.1:\d+\/4: Redis does not have the database .*`databases`/)
  })
})

it('refuses requests when the server came back without the database, and goes on when it has it again', async () => {
  const port = await freePort()
  const three = ['--databases', '3']
  const server = await startRedis({ port, args: three })
  await using ledger = await openLedger(`${server.url}/2`, silentLog)
  await ledger.accept([aRequest()])
  await server[Symbol.asyncDispose]()
  {
    await using fewer = await startRedis({ port, args: ['--databases', '1'] })
    const refusal = () =>
      ledger.accept([aRequest()]).then(
        () => 'accepted',
        (error: unknown) => String(error)
      )
    await waitFor(async () => (await refusal()).includes('does not have the database'), { what: 'the refusal' })
    const control = new Redis(fewer.url)
    expect(await control.dbsize()).toBe(0)
    control.disconnect()
  }
  await using again = await startRedis({ port, args: three })
  await waitFor(() => ledger.accept([aRequest()]), { what: `the ledger to go on at ${again.url}` })
})

it.each([
  ['redis+cluster://a:1/3', /a Redis cluster has only database 0/],
  ['redis://a?prefx=one', /after the \? of the store URL there may be prefix, each once/],
  ['redis://a?prefix=one&prefix=two', /prefix, each once/],
  ['redis+sentinel://a/main?db=1', /there may be prefix and sentinelPassword, each once/],
  ['redis://a?prefix=', /the prefix of the store URL is 1 to 100 of/],
  ['redis://a?prefix=%7Bone%7D', /the prefix of the store URL is/]
])('refuses %s, and says what to change', async (url, message) => {
  await expect(openLedger(url, silentLog)).rejects.toThrow(message)
})

it('keeps several ledgers in one database, each under the prefix of its URL', async () => {
  await using server = await startRedis()
  await using one = await openLedger(`${server.url}/0?prefix=one`, silentLog)
  await using other = await openLedger(`${server.url}/0?prefix=other`, silentLog)
  await using usual = await openLedger(server.url, silentLog)
  const request = aRequest()
  await one.accept([request])
  expect(await readRecord(one, request)).toMatchObject({ status: 'accepted' })
  for (const ledger of [other, usual]) {
    expect(await ledger.read(request.pipeline, request.id)).toBeUndefined()
    expect(await ledger.claimable()).toEqual([])
  }
  const control = new Redis(server.url)
  const keys = await control.keys('*')
  control.disconnect()
  expect(keys.filter(key => !key.startsWith('one:'))).toEqual([])
})

it.each([
  ['redis://me:secret@a/3?prefix=one', 'redis://a/3?prefix=one'],
  ['rediss://a:1?prefix=one', 'rediss://a:1?prefix=one'],
  ['redis+sentinel://:s@a/main?prefix=one&sentinelPassword=t', 'redis+sentinel://a/main?prefix=one'],
  ['redis+cluster://a,b?prefix=one', 'redis+cluster://a,b?prefix=one']
])('shows %s without passwords', (url, shown) => {
  expect(storeAddress(url).label).toBe(shown)
})
