import type { Socket } from 'node:net'

/** Node's own way to stop reading a connection whose client sends more than it takes. */
interface Pausable {
  _paused: boolean
  readonly parser?: { resume(): void } | null
}

/** Has a connection of a server read nothing more, until `resumeReading`. */
export function pauseReading(socket: Socket): void {
  const pausable = socket as unknown as Pausable
  if (pausable['_paused']) return
  pausable['_paused'] = true
  socket.pause()
}

export function resumeReading(socket: Socket): void {
  const pausable = socket as unknown as Pausable
  if (!pausable['_paused']) return
  pausable['_paused'] = false
  pausable.parser?.resume()
  socket.resume()
}
