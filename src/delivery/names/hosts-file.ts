import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'

/** Addresses by lower-case name, in the order of the file. */
export type Hosts = ReadonlyMap<string, readonly LookupAddress[]>

/** Reads `/etc/hosts`: an address and its names a line. */
export function readHosts(text: string): Hosts {
  const hosts = new Map<string, LookupAddress[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const family = isIP(address)
    if (family === 0) continue
    for (const name of names.map(written => written.toLowerCase())) {
      const known = hosts.get(name) ?? []
      known.push({ address, family })
      hosts.set(name, known)
    }
  }
  return hosts
}
