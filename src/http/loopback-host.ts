import { isIPv4 } from 'node:net'

/** Whether a `Host` value names this machine's loopback, whatever the port. */
export const isLoopbackHost = (host: string): boolean => isLoopbackName(URL.parse(`http://${host}`)?.hostname)

/** Whether an `Origin` value is that of a page which this machine itself serves. */
export function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin)
  return url !== null && /^https?:$/.test(url.protocol) && isLoopbackName(url.hostname)
}

/** Whether an address to listen on is reached from this machine alone. */
export const isLoopbackAddress = (address: string): boolean =>
  isLoopbackHost(address.includes(':') ? `[${address}]` : address)

/** The name as a URL parser writes it. A name that begins like an address, as 127.evil.example does, is anybody's. */
const isLoopbackName = (name = ''): boolean =>
  name === 'localhost' || name === 'localhost.' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'))
