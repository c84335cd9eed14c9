import type { Roles } from '../ledger/roles.ts'
import { pause } from './pause.ts'

export interface ElectedDeps {
  /** Rejects with STORE_UNAVAILABLE. */
  readonly roles: () => Promise<Roles>
  readonly role: string
  /** Names this replica. */
  readonly owner: string
  readonly everyMs: number
}

/** Does the work again and again on the one replica of all that has the role, until the signal aborts. */
export async function whileElected(
  { roles, role, owner, everyMs }: ElectedDeps,
  signal: AbortSignal,
  work: () => Promise<void>
): Promise<void> {
  const leaseMs = 2 * everyMs + 5_000
  const elect = async (ms: number): Promise<boolean> => (await roles()).elect(role, { owner, leaseMs: ms })
  // A store that is away gives the role to nobody.
  const isElected = (): Promise<boolean> => elect(leaseMs).catch(() => false)
  while (!signal.aborted) {
    const begun = performance.now()
    if (await isElected()) await work()
    await pause(Math.max(0, everyMs - (performance.now() - begun)), signal)
  }
  await elect(0).catch(() => {})
}
