import type { Lease } from './work.ts'

/** One replica of several does what need be done only once. */
export interface Roles {
  /**
   * Gives the role to the owner of the lease for as long as it says, or longer to the one that has it; a lease of 0
   * gives it up. False: another one has it.
   */
  elect(role: string, lease: Lease): Promise<boolean>
}
