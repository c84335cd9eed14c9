import type { Duplex } from 'node:stream'

const lingerMs = 2_000

/**
 * Cuts the connection a moment after its last answer, if the client has not closed it: one that is closed over unread
 * octets is reset, and the reset can overtake the answer.
 */
export function linger(socket: Duplex): void {
  const cut = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(cut))
}
