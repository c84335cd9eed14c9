import { isIPv6 } from 'node:net'

/** The eight 16-bit words of an IPv6 address. */
type Words = readonly number[]

/** Where an IPv4 address stands in an IPv6 one that is of such a form. */
type Form = (words: Words) => readonly string[]

/** These lead to the IPv4 address and nowhere else: mapped (::ffff:a.b.c.d), and NAT64 with its well-known prefix. */
const synonyms: readonly Form[] = [
  w => (zeros(w, 5) && w[5] === 0xffff ? [tail(w)] : []),
  w => (w[0] === 0x64 && w[1] === 0xff9b && w.slice(2, 6).every(each => each === 0) ? [tail(w)] : [])
]

/** All, by the prefix or the interface identifier that says so. */
const forms: readonly Form[] = [
  ...synonyms,
  // Compatible (::a.b.c.d), and translated (::ffff:0:a.b.c.d).
  w => (zeros(w, 6) ? [tail(w)] : []),
  w => (zeros(w, 4) && w[4] === 0xffff && w[5] === 0 ? [tail(w)] : []),
  // NAT64 with a local prefix of any length (RFC 6052), which jumps over octet 8.
  w => (w[0] === 0x64 && w[1] === 0xff9b && w[2] === 1 ? [tail(w), ...localNat64(w)] : []),
  // 6to4.
  w => (w[0] === 0x2002 ? [dotted(w[1], w[2])] : []),
  // Teredo: the server, and the client with its bits turned over.
  w => (w[0] === 0x2001 && w[1] === 0 ? [dotted(w[2], w[3]), dotted(~word(w[6]) & 0xffff, ~word(w[7]) & 0xffff)] : []),
  // ISATAP, with the bit of a globally unique identifier or without it.
  w => ((word(w[4]) & 0xfcff) === 0 && w[5] === 0x5efe ? [tail(w)] : [])
]

/** Every IPv4 address that an IPv6 address may stand for; none, if it is IPv4 itself. */
export const embeddedIpv4 = (address: string): readonly string[] => inForms(address, forms)

/** The IPv4 address that is only written as IPv6. */
export const synonymousIpv4 = (address: string): readonly string[] => inForms(address, synonyms)

function inForms(address: string, wanted: readonly Form[]): readonly string[] {
  const words = isIPv6(address) ? ipv6Words(address) : undefined
  return words === undefined ? [] : wanted.flatMap(form => form(words))
}

/** Prefixes of 48, 56 and 64 bits, whose IPv4 address begins behind them. */
function localNat64(words: Words): readonly string[] {
  const octets = words.flatMap(each => [each >> 8, each & 255])
  return [6, 7, 8].map(at =>
    octets
      .slice(at)
      .filter((_, i) => at + i !== 8)
      .slice(0, 4)
      .join('.')
  )
}

function ipv6Words(address: string): Words | undefined {
  // URL writes every IPv6 address in its one canonical form, an IPv4 tail as two words.
  const host = URL.parse(`http://[${address.split('%')[0]}]`)?.hostname.slice(1, -1)
  if (host === undefined) return undefined
  const [head = '', after] = host.split('::')
  const before = head === '' ? [] : head.split(':')
  const rest = after === undefined || after === '' ? [] : after.split(':')
  const missing = after === undefined ? 0 : 8 - before.length - rest.length
  return [...before, ...Array<string>(missing).fill('0'), ...rest].map(each => Number.parseInt(each, 16))
}

const word = (value: number | undefined): number => value ?? 0
const zeros = (words: Words, count: number): boolean => words.slice(0, count).every(each => each === 0)
const tail = (words: Words): string => dotted(words[6], words[7])
const dotted = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.')
