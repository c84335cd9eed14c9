import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { NameNotResolved } from './name-not-resolved.ts'

/** Of the four threads that files and others need too. */
const maxThreads = 2

/** The machine's own answer for a name (mDNS, LDAP …). Where the threads are taken, the name counts as not known. */
export function createSystemLookup(): (name: string) => Promise<readonly LookupAddress[]> {
  let busy = 0
  return async name => {
    if (busy >= maxThreads) throw new NameNotResolved(name, 'ENOTFOUND')
    busy++
    try {
      return await lookup(name, { all: true, order: 'ipv4first' })
    } catch (thrown) {
      throw new NameNotResolved(name, thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'ENOTFOUND')
    } finally {
      busy--
    }
  }
}
