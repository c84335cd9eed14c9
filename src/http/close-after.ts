import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingRequest } from './incoming-request.ts'
import { linger } from './linger.ts'

/** How much of a refused body is still read, so that the client sees the answer. */
const lingerBytes = 16 * 1024 * 1024

/** Makes this the last answer on its connection, with the client still sending. */
export function closeAfter(incoming: IncomingRequest, outgoing: ServerResponse): void {
  outgoing.setHeader('connection', 'close')
  const { socket } = incoming
  linger(socket)
  let read = 0
  incoming.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > lingerBytes) socket.destroy()
  })
  incoming.releaseBody()
}

/** How long a body may still come that was answered without being read, in milliseconds. */
const restMs = 500

/**
 * Of a body that nobody reads any more Node reads the rest, so that the connection can be used again; but not for ever.
 */
export function limitRest(incoming: IncomingMessage): void {
  const cut = setTimeout(() => {
    if (!incoming.complete) incoming.socket.destroy()
  }, restMs)
  cut.unref()
}
