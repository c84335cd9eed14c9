import type { Socket } from 'node:net'

/** What of a socket tells whether the system takes what is written: Node itself looks at its handle for that. */
interface Handled {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** Watches what a connection has still to send. */
export class UnsentWatch {
  #written = -1
  #queued = -1
  #since = 0

  /** Whether there is something, and none of it has left since `limitMs` before now. */
  isStuck(socket: Socket, limitMs: number, now: number): boolean {
    if (socket.writableLength === 0) {
      this.#written = -1
      return false
    }
    // Whole writes that have left, and what is left of the one that is under way.
    const written = socket.bytesWritten - socket.writableLength
    const queued = (socket as Handled)['_handle']?.writeQueueSize ?? 0
    if (written !== this.#written || queued !== this.#queued) {
      this.#written = written
      this.#queued = queued
      this.#since = now
    }
    return now - this.#since >= limitMs
  }
}
