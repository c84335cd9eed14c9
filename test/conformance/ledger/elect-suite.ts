import { describe, expect, it } from 'vitest'
import { aRequest } from '../../helpers/ledger-requests.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import type { OpenLedger } from './ledger-under-test.ts'

const one = (leaseMs = 60_000) => ({ owner: 'replica-1', leaseMs })
const other = (leaseMs = 60_000) => ({ owner: 'replica-2', leaseMs })

/** Roles of which one replica at a time has each, and the list of pipelines that it needs for one of them. */
export function electSuite(open: OpenLedger): void {
  describe('elect', () => {
    it('gives a role to the first that asks, as often as it asks', async () => {
      await using under = await open()
      expect(await under.ledger.elect('pending', one())).toBe(true)
      expect(await under.ledger.elect('pending', other())).toBe(false)
      expect(await under.ledger.elect('pending', one())).toBe(true)
      expect(await under.ledger.elect('something: else', other())).toBe(true)
    })

    it('gives it to one of many that ask at once', async () => {
      await using under = await open()
      const replicas = Array.from({ length: 20 }, (_, i) => ({ owner: `replica-${i}`, leaseMs: 60_000 }))
      const elected = await Promise.all(replicas.map(lease => under.ledger.elect('pending', lease)))
      expect(elected.filter(Boolean)).toHaveLength(1)
    })

    it('gives it to another when the lease ran out', async () => {
      await using under = await open()
      await under.ledger.elect('pending', one(50))
      await waitFor(() => under.ledger.elect('pending', other()), { what: 'the lease to run out' })
      expect(await under.ledger.elect('pending', one())).toBe(false)
    })

    it('lets a lease be made longer', async () => {
      await using under = await open()
      await under.ledger.elect('pending', one(300))
      await under.ledger.elect('pending', one())
      await under.ledger.elect('short', one(300))
      // It runs out after the first would have.
      await waitFor(() => under.ledger.elect('short', other()), { what: 'the other lease to run out' })
      expect(await under.ledger.elect('pending', other())).toBe(false)
    })

    it('gives it to another at once when it was given up', async () => {
      await using under = await open()
      await under.ledger.elect('pending', one())
      expect(await under.ledger.elect('pending', other(0))).toBe(false)
      await under.ledger.elect('pending', one(0))
      expect(await under.ledger.elect('pending', other())).toBe(true)
    })
  })

  describe('pipelines', () => {
    it('are all that had a request', async () => {
      await using under = await open()
      expect(await under.ledger.pipelines()).toEqual([])
      for (const pipeline of ['default/a', 'shop/b', 'default/a']) await under.ledger.accept([aRequest({ pipeline })])
      expect((await under.ledger.pipelines()).toSorted()).toEqual(['default/a', 'shop/b'])
    })
  })
}
