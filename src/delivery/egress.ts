import { BlockList, isIP, isIPv6 } from 'node:net'
import type { EgressRule } from './egress-rule.ts'
import { embeddedIpv4, synonymousIpv4 } from './embedded-ipv4.ts'

/** Whether the gateway may connect to an address that a host name (or the address itself) led to. */
export type EgressCheck = (hostname: string, address: string) => boolean

/**
 * Link-local, which holds the metadata service of most clouds, and the metadata addresses that lie elsewhere: AWS,
 * Google, Oracle and Scaleway over IPv6, Alibaba, Oracle and Azure's wire server.
 */
const metadata: readonly Subnet[] = [
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
  ['fd20:ce::254', 128],
  ['fd00:c1::a9fe:a9fe', 128],
  ['fd00:42::42', 128],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32]
]

/** Everything that IANA does not list as globally reachable unicast. */
const notPublic: readonly Subnet[] = [
  ...metadata,
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 127],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8]
]

type Subnet = readonly [address: string, prefix: number]

/**
 * The check for a rule. It sees the address that is really dialled, so no spelling and no DNS answer gets around it.
 */
export function createEgressCheck(rule: EgressRule): EgressCheck {
  const isMetadata = matcher(metadata, embeddedIpv4)
  switch (rule.kind) {
    case 'cluster':
      return (_hostname, address) => !isMetadata(address)
    case 'public': {
      const isRefused = matcher(notPublic, embeddedIpv4)
      return (_hostname, address) => !isRefused(address)
    }
    case 'allow': {
      const names = new Set(rule.entries.map(plainName))
      const isAllowed = matcher(rule.entries.flatMap(readSubnet), synonymousIpv4)
      // Neither a name nor a block is enough for metadata: somebody else may decide where a name leads.
      const isListed = matcher(rule.entries.flatMap(readSubnet).filter(isOneAddress), synonymousIpv4)
      return (hostname, address) => {
        if (isMetadata(address)) return isListed(address)
        return names.has(plainName(hostname)) || isAllowed(address)
      }
    }
  }
}

/** A process that the gateway starts itself is its own, whatever the rule. */
export const ownProcesses: EgressCheck = () => true

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '')

function readSubnet(entry: string): Subnet[] {
  const [address = '', prefix] = entry.split('/')
  const family = isIP(address)
  if (family === 0) return []
  return [[address, prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix)]]
}

const isOneAddress = ([address, prefix]: Subnet): boolean => prefix === (isIPv6(address) ? 128 : 32)

/** Whether an address, or an IPv4 address that `inside` finds in it, is in one of the subnets. */
function matcher(subnets: readonly Subnet[], inside: typeof embeddedIpv4): (address: string) => boolean {
  const list = new BlockList()
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4')
  return address =>
    list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ||
    inside(address).some(embedded => list.check(embedded, 'ipv4'))
}
