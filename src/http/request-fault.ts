import type { IncomingMessage } from 'node:http'
import { SluiceError } from '../errors.ts'

/**
 * Requests that Node's parser lets through and no honest client of a gateway sends: forms that proxies may read
 * differently.
 */
export function requestFault(incoming: IncomingMessage): SluiceError | undefined {
  const { url = '', method, headers, rawHeaders } = incoming
  if (incoming.httpVersionMajor !== 1) return invalid('only HTTP/1.1 and HTTP/1.0 are spoken here')
  if (url[0] !== '/' && !(url === '*' && method === 'OPTIONS')) return invalid('the request target must be a path')
  if (headers.expect !== undefined && !expectsContinue.test(headers.expect) && incoming.httpVersionMinor === 1) {
    return invalid('the only expectation that is met is 100-continue')
  }
  if (rewritten.test(url)) return invalid('the path must not have a backslash, a fragment, or the segments . and ..')
  const hosts = hostCount(rawHeaders)
  // HTTP/1.0 has no host, nor have the probes of load balancers that speak it.
  if (hosts > 1 || (hosts === 0 && incoming.httpVersionMinor !== 0))
    return invalid('the header host must be given once')
  if (hosts === 1 && !isHost(headers.host ?? '')) return invalid('the host is not valid')
  const coding = headers['transfer-encoding']
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || incoming.httpVersionMinor === 0)) {
    return invalid('the transfer-encoding must be "chunked" and nothing else, in HTTP/1.1')
  }
  return undefined
}

/** The value that Node's server takes for it. */
const expectsContinue = /(?:^|\W)100-continue(?:$|\W)/i

/** Parts of a URL that parsers change before they route, so that two programs see two paths. */
const rewritten = /^[^?]*?(?:[\\#]|\/(?:\.|%2e){1,2}(?:[/?]|$))|#/i

function hostCount(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

/** A name or an address, with a port or without, and nothing that a URL parser reads as more, or as another one. */
const isHost = (host: string): boolean =>
  plainHost.test(host) || URL.parse(`http://${host}`)?.host === host.toLowerCase()

const plainHost = /^[\w.-]+(?::\d{1,5})?$/

const invalid = (detail: string): SluiceError => new SluiceError('INVALID_REQUEST', detail)
