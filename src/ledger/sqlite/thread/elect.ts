import type { Lease } from '../../ledger.ts'
import type { Session } from './session.ts'

/** Who has which role, and until when. In memory: all who could have one use the same process. */
export type Roles = Map<string, { readonly owner: string; readonly until: number }>

/** Gives the role to the owner, unless another has it. */
export function elect(session: Session, { role, lease }: { readonly role: string; readonly lease: Lease }): boolean {
  const { owner, leaseMs } = lease
  const now = session.elapsed()
  const holder = session.roles.get(role)
  if (holder !== undefined && holder.owner !== owner && holder.until > now) return false
  session.roles.set(role, { owner, until: now + leaseMs })
  return true
}
