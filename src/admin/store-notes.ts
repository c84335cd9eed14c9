import type { Ledger } from '../ledger/ledger.ts'

/**
 * What a 202 means on the store, and whether it is away, as lines for `/readyz?verbose`; `undefined`: it opens when it is
 * needed. The gateway is ready all the same: who waits for a reply needs no store.
 */
export function storeNotes(ledger: Pick<Ledger, 'durability' | 'outage'> | undefined): readonly string[] {
  if (ledger === undefined) return ['[i] store: opens with the first stored request']
  const { durability, outage } = ledger
  const warnings = outage === undefined ? durability.warnings : [`not available: ${outage}`, ...durability.warnings]
  return [`[i] store: ${durability.summary}`, ...warnings.map(warning => `[!] store: ${warning}`)]
}
