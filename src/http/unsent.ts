import type { Socket } from 'node:net'

/**
 * The parts of a socket that tell whether the system takes written octets: Node itself looks at its handle for that.
 */
interface Handled {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

/** Watches what a connection has still to send. */
export class UnsentWatch {
  #written = -1
  #queued = -1
  #since = 0

  /** For how long nothing of it has left, as far as the looks can tell; 0: there is nothing to send. */
  stuckMs(socket: Socket, now: number): number {
    if (socket.writableLength === 0) {
      this.#written = -1
      return 0
    }
    // Whole writes that have left, and what is left of the one that is under way.
    const written = socket.bytesWritten - socket.writableLength
    const queued = (socket as Handled)['_handle']?.writeQueueSize ?? 0
    if (written !== this.#written || queued !== this.#queued) {
      this.#written = written
      this.#queued = queued
      this.#since = now
    }
    return now - this.#since
  }
}
