import type { IncomingMessage } from 'node:http'
import { SluiceError } from '../errors.ts'

/** What Node's parser lets through but no honest client of a gateway sends: forms that proxies may read differently. */
export function requestFault({ url = '', method, headers }: IncomingMessage): SluiceError | undefined {
  if (url[0] !== '/' && !(url === '*' && method === 'OPTIONS')) {
    return new SluiceError('INVALID_REQUEST', 'the request target must be a path')
  }
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return new SluiceError('INVALID_REQUEST', 'the transfer-encoding must be "chunked" and nothing else')
  }
  return undefined
}
