import { sourceNotes, storeNotes, unservedNotes } from '../admin/store-notes.ts'
import type { Reconciler } from '../control/reconciler.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LazyStore } from '../ledger/lazy-store.ts'
import type { Unserved } from '../mover/unserved.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { headerNotes } from './header-notes.ts'

export interface GatewayNotesDeps {
  readonly reconciler: Pick<Reconciler, 'served' | 'awaySources'>
  readonly secrets: Secrets
  readonly store: LazyStore<AsyncDisposable & { readonly ledger: Ledger; readonly unserved: Unserved }>
  /** As the store is configured. */
  readonly name: string
}

/** The lines that `/readyz?verbose` adds. */
export const gatewayNotes =
  ({ reconciler, secrets, store, name }: GatewayNotesDeps): (() => readonly string[]) =>
  () => [
    ...storeNotes(store, name),
    ...sourceNotes(reconciler.awaySources),
    ...unservedNotes(store.opened?.unserved),
    ...headerNotes(
      reconciler.served.map(({ plan }) => plan),
      secrets
    )
  ]
