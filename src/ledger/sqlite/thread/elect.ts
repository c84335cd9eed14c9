import type { Lease } from '../../work.ts'
import type { Session } from './session.ts'

/** Gives the role to the owner, unless another has it. */
export function elect(session: Session, { role, lease }: { readonly role: string; readonly lease: Lease }): boolean {
  const { owner, leaseMs } = lease
  const now = session.elapsed()
  const holder = session.roles.get(role)
  if (holder !== undefined && holder.owner !== owner && holder.until > now) return false
  session.roles.set(role, { owner, until: now + leaseMs })
  return true
}
