import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Random } from './random.ts'

/**
 * Writes the message as a peer does that means no good: in pieces, or not to its end; then it may hang up. Without random
 * numbers it is written as it is.
 */
export async function writeAbused(socket: Socket, message: Buffer, random: Random | undefined): Promise<void> {
  if (random === undefined) {
    // A message that ends with its connection is whole only then.
    if (message.includes('connection: close')) socket.end(message)
    else socket.write(message)
    return
  }
  const cut = random.oneIn(5)
  const end = cut ? random.below(message.length + 1) : message.length
  const pieces = random.oneIn(3) ? 1 + random.below(4) : 1
  for (let at = 0; at < end && socket.writable;) {
    const next = pieces === 1 ? end : Math.min(end, at + 1 + random.below(Math.ceil(end / pieces) + 1))
    socket.write(message.subarray(at, next))
    at = next
    if (at < end) await nextTurn()
  }
  hangUp(socket, random.below(cut ? 4 : 12))
}

/** Octets that were written leave first, except before a reset. */
function hangUp(socket: Socket, way: number): void {
  if (way === 0) socket.resetAndDestroy()
  else if (way === 1) socket.destroySoon()
  else if (way === 2) socket.end()
}
