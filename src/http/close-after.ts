import type { IncomingMessage, ServerResponse } from 'node:http'
import { linger } from './linger.ts'

/** How much of a refused body is still read, so that the client sees the answer. */
const lingerBytes = 16 * 1024 * 1024

/** Makes this the last answer on its connection, with the client still sending. */
export function closeAfter(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.setHeader('connection', 'close')
  linger(incoming.socket)
  limitRest(incoming)
}

/** Of a body that nobody reads any more: more of it than the connection is worth ends the connection. */
export function limitRest(incoming: IncomingMessage): void {
  let read = 0
  incoming.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > lingerBytes) incoming.socket.destroy()
  })
}
