import type { Roles } from '../ledger/roles.ts'
import { waitFor } from '../delivery/wait.ts'

export interface ElectedDeps {
  /** Rejects with STORE_UNAVAILABLE. */
  readonly roles: () => Promise<Roles>
  readonly role: string
  /** Names this replica. */
  readonly owner: string
  readonly everyMs: number
}

/** The role while the work goes on. */
export interface HeldRole {
  /** Aborts when another replica has the role, or when the source is to end. */
  readonly over: AbortSignal
  /** Asks the store: the role may have gone since it was last renewed. */
  isHeld(): Promise<boolean>
}

/** Renewals of a lease, as a part of its time. */
const renewsWithin = 3

/** Does the work again and again on the one replica of all that has the role, until the signal aborts. */
export async function whileElected(
  { roles, role, owner, everyMs }: ElectedDeps,
  signal: AbortSignal,
  work: (held: HeldRole) => Promise<void>
): Promise<void> {
  const leaseMs = 2 * everyMs + 5_000
  const elect = async (ms: number): Promise<boolean> => (await roles()).elect(role, { owner, leaseMs: ms })
  // A store that is away gives the role to nobody.
  const isHeld = (): Promise<boolean> => elect(leaseMs).catch(() => false)
  while (!signal.aborted) {
    const begun = performance.now()
    if (await isHeld()) {
      const over = new AbortController()
      const held = { over: AbortSignal.any([signal, over.signal]), isHeld }
      const renewing = renew(() => elect(leaseMs), leaseMs / renewsWithin, over, held.over)
      await work(held).finally(() => over.abort())
      await renewing
    }
    await waitFor(Math.max(0, everyMs - (performance.now() - begun)), signal)
  }
  await elect(0).catch(() => {})
}

/** Keeps the role until the work is over. A store that is away takes it from nobody: the next renewal tells. */
async function renew(
  elect: () => Promise<boolean>,
  everyMs: number,
  lost: AbortController,
  over: AbortSignal
): Promise<void> {
  while (await waitFor(everyMs, over)) if (!(await elect().catch(() => true))) lost.abort()
}
