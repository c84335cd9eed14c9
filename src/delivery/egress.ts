import { BlockList, isIP, isIPv6 } from 'node:net'
import type { EgressRule } from './egress-rule.ts'

/** Whether the gateway may connect to an address that a host name (or the address itself) led to. */
export type EgressCheck = (hostname: string, address: string) => boolean

/**
 * Link-local, which holds the metadata service of most clouds, and the metadata addresses that lie elsewhere:
 * AWS over IPv6, Alibaba, Oracle and Azure's wire server.
 */
const metadata: readonly Subnet[] = [
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
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

/** The check for a rule. It sees the address that is really dialled, so no spelling and no DNS answer gets around it. */
export function createEgressCheck(rule: EgressRule): EgressCheck {
  switch (rule.kind) {
    case 'cluster': {
      const refused = blockList(metadata)
      return (_hostname, address) => !matches(refused, address)
    }
    case 'public': {
      const refused = blockList(notPublic)
      return (_hostname, address) => !matches(refused, address)
    }
    case 'allow': {
      const names = new Set(rule.entries.map(entry => entry.toLowerCase()))
      const allowed = blockList(rule.entries.flatMap(readSubnet))
      return (hostname, address) => names.has(hostname.toLowerCase()) || matches(allowed, address)
    }
  }
}

function readSubnet(entry: string): Subnet[] {
  const [address = '', prefix] = entry.split('/')
  const family = isIP(address)
  if (family === 0) return []
  return [[address, prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix)]]
}

function blockList(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList()
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4')
  return list
}

function matches(list: BlockList, address: string): boolean {
  if (!isIPv6(address)) return list.check(address, 'ipv4')
  const embedded = embeddedIpv4(address)
  return list.check(address, 'ipv6') || (embedded !== undefined && list.check(embedded, 'ipv4'))
}

/** The IPv4 address inside a mapped, compatible, NAT64 or 6to4 IPv6 address. */
export function embeddedIpv4(address: string): string | undefined {
  const words = ipv6Words(address)
  if (words === undefined) return undefined
  const leadingZeros = words.slice(0, 5).every(word => word === 0)
  if (leadingZeros && (words[5] === 0xffff || words[5] === 0)) return dotted(words[6], words[7])
  if (words[0] === 0x64 && words[1] === 0xff9b) return dotted(words[6], words[7])
  if (words[0] === 0x2002) return dotted(words[1], words[2])
  return undefined
}

function ipv6Words(address: string): number[] | undefined {
  // URL writes every IPv6 address in its one canonical form, an IPv4 tail as two words.
  const host = URL.parse(`http://[${address.split('%')[0]}]`)?.hostname.slice(1, -1)
  if (host === undefined) return undefined
  const [head = '', tail] = host.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array<string>(zeros).fill('0'), ...after].map(word => Number.parseInt(word, 16))
}

const dotted = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')
