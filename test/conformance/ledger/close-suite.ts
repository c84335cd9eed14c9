import { expect, it } from 'vitest'
import { aRequest } from '../../helpers/ledger-requests.ts'
import type { OpenLedger } from './ledger-under-test.ts'

/** These promises are of the ledger as a whole. */
export function closeSuite(open: OpenLedger): void {
  it('can be closed twice', async () => {
    await using under = await open()
    await under.ledger[Symbol.asyncDispose]()
    await under.ledger[Symbol.asyncDispose]()
    await expect(under.ledger.accept([aRequest()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('says what its 202 means', async () => {
    await using under = await open()
    expect([0, 1, 2, 3]).toContain(under.ledger.durability.level)
    expect(under.ledger.durability.summary).not.toContain('\n')
  })

  it('tells of no outage while it is well', async () => {
    await using under = await open()
    await under.ledger.accept([aRequest()])
    expect(under.ledger.outage).toBeUndefined()
  })
}
