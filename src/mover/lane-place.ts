import type { Buffer, Buffers } from './buffers.ts'

/** The place of one request in the buffers of its lane: in the intake, which has room for it already, at first. */
export class LanePlace {
  readonly #buffers: Buffers
  readonly #onRoom: () => void
  #buffer: Buffer | undefined = 'intake'

  /** `onRoom` is called when there may be room for another one. */
  constructor(buffers: Buffers, onRoom: () => void) {
    this.#buffers = buffers
    this.#onRoom = onRoom
  }

  /** `undefined`: it has left. */
  get buffer(): Buffer | undefined {
    return this.#buffer
  }

  /** From the intake to the processing. */
  start(): void {
    this.#buffers.used.processing += 1
    this.#moveTo('processing')
  }

  /** Moves to the output: at once when it has room, or else when the promise resolves. */
  toOutput(): Promise<void> | undefined {
    if (this.#buffer === 'output') return undefined
    const full = this.#buffers.takeOutput()
    if (full !== undefined) return full.then(() => this.#enterOutput())
    this.#enterOutput()
    return undefined
  }

  /** Gives the place back; twice is harmless. */
  leave(): void {
    this.#moveTo(undefined)
    this.#onRoom()
  }

  #enterOutput(): void {
    this.#moveTo('output')
    this.#onRoom()
  }

  /** Where it goes it has taken room already. */
  #moveTo(next: Buffer | undefined): void {
    if (this.#buffer !== undefined) this.#buffers.free(this.#buffer)
    this.#buffer = next
  }
}
