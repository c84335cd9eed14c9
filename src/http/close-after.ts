import type { IncomingMessage, ServerResponse } from 'node:http'

/** How much of a refused body is still read, and for how long, so that the client sees the answer and not a reset. */
const lingerBytes = 16 * 1024 * 1024
const lingerMs = 2_000

/**
 * Makes this the last answer on its connection, with the client still sending: a socket that is closed over unread
 * octets is reset, and the reset can overtake the answer.
 */
export function closeAfter(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.setHeader('connection', 'close')
  const { socket } = incoming
  const cut = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(cut))
  let read = 0
  incoming.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > lingerBytes) socket.destroy()
  })
}
