import type { Ledger } from '../ledger/ledger.ts'
import type { Unserved } from '../mover/unserved.ts'
import { storeAddress } from '../ledger/store-address.ts'

/** The store as far as it is open. */
export interface OpenedStore {
  readonly opened: { readonly ledger: Pick<Ledger, 'durability' | 'outage'> } | undefined
  /** Why it could not be opened the last time. */
  readonly failure: string | undefined
}

/**
 * The meaning of a 202 on the store that `--store` names, and whether it is away, as lines for `/readyz?verbose`. The
 * gateway is ready all the same: who waits for a reply needs no store.
 */
export function storeNotes({ opened, failure }: OpenedStore, name: string): readonly string[] {
  if (opened === undefined) return [unopenedNote(failure ?? storeAddress(name).obstacle())]
  const { durability, outage } = opened.ledger
  const warnings = outage === undefined ? durability.warnings : [`not available: ${outage}`, ...durability.warnings]
  return [`[i] store: ${durability.summary}`, ...warnings.map(warning => `[!] store: ${warning}`)]
}

const unopenedNote = (failure: string | undefined): string =>
  failure === undefined
    ? '[i] store: opens with the first stored request'
    : `[!] store: cannot be opened, so nothing is stored: ${failure}`

/** Of which sources the last known good definitions are served. */
export const sourceNotes = (away: readonly { readonly source: string; readonly reason: string }[]): readonly string[] =>
  away.map(
    ({ source, reason }) => `[!] source ${source} cannot be read, its last known good definitions are served: ${reason}`
  )

/** Which pipelines accepted requests wait for in vain; `undefined`: the store is not open. */
export const unservedNotes = (unserved: Pick<Unserved, 'waiting'> | undefined): readonly string[] =>
  Array.from(
    unserved?.waiting ?? [],
    ([pipeline, requests]) =>
      `[!] pipeline ${pipeline} is not served here: accepted requests that wait for it: ${requests}; serve it, or cancel them`
  )
