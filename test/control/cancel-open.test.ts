import { expect, it } from 'vitest'
import { cancelOpen } from '../../src/control/cancel-open.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open-sqlite-ledger.ts'
import { acceptClaimed, aRequest, readRecord, replied } from '../helpers/ledger-requests.ts'

const all = (): Promise<boolean> => Promise.resolve(true)

it('a pipeline that comes back keeps what it accepts while requests of the former one are cancelled', async () => {
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  const waits = aRequest({ id: 'waits' })
  const runs = await acceptClaimed(ledger, aRequest({ id: 'runs' }))
  await ledger.accept([waits])
  const cancelling = cancelOpen(ledger, waits.pipeline, all, new AbortController().signal)
  await expect.poll(async () => (await readRecord(ledger, waits)).status).toBe('cancelled')
  const fresh = aRequest({ id: 'fresh' })
  await ledger.accept([fresh])
  await ledger.settle(runs, replied)
  await cancelling
  const statuses = await Promise.all(['runs', 'fresh'].map(id => readRecord(ledger, aRequest({ id }))))
  expect(statuses.map(({ status }) => status)).toEqual(['replied', 'accepted'])
})

it('another replica has its time to end what it runs, and what it puts back is cancelled', async () => {
  await using ledger = await openSqliteLedger({ path: ':memory:' })
  const request = aRequest({ id: 'runs' })
  const claim = await acceptClaimed(ledger, request)
  const cancelling = cancelOpen(ledger, request.pipeline, all, new AbortController().signal)
  await ledger.release(claim, { delayMs: 0, spent: false, note: undefined })
  await cancelling
  expect((await readRecord(ledger, request)).status).toBe('cancelled')
})
