import type { Durability } from '../ledger/ledger.ts'

/** What a 202 means on the store, as lines for `/readyz?verbose`; `undefined`: it opens when it is needed. */
export function durabilityNotes(durability: Durability | undefined): readonly string[] {
  if (durability === undefined) return ['[i] store: opens with the first stored request']
  const { summary, warnings } = durability
  return [`[i] store: ${summary}`, ...warnings.map(warning => `[!] store: ${warning}`)]
}
