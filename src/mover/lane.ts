import { Buffers, type Buffer } from './buffers.ts'
import { LanePlace } from './lane-place.ts'

/**
 * The stored requests of one pipeline on this replica, in three bounded buffers:
 *
 * - intake:     being claimed, or claimed and not started; up to what the processing has room for, so that nothing waits
 *               here that another replica could run
 * - processing: running, up to `maxInFlight`; one that is finished stays until the output has room
 * - output:     its reply goes to the reply destination, its outcome to the ledger; as many again, and while it is full
 *               nothing is claimed
 *
 * How many may run at once:
 *
 * - open:    up to `maxInFlight`
 * - held:    a breaker is open; nothing is begun until the hold is over
 * - ramping: after a hold, first one, then one more with each that ends well, up to `maxInFlight`
 */
export class Lane {
  readonly #maxInFlight: () => number
  readonly #onRoom: () => void
  readonly #buffers: Buffers
  #allowed = Infinity
  #heldUntil = 0

  /** `onRoom` is called when there may be room for one more. */
  constructor(maxInFlight: () => number, onRoom: () => void) {
    this.#maxInFlight = maxInFlight
    this.#onRoom = onRoom
    // A pipeline that is not served any more lets those that are in flight out.
    this.#buffers = new Buffers(() => Math.max(1, maxInFlight()))
  }

  /** Requests that may be begun now. `now` is on the clock of `performance.now()`. */
  room(now: number): number {
    const { intake, processing } = this.#buffers.used
    if (now < this.#heldUntil || this.#buffers.outputIsFull) return 0
    return Math.max(0, Math.min(this.#maxInFlight(), this.#allowed) - intake - processing)
  }

  used(buffer: Buffer): number {
    return this.#buffers.used[buffer]
  }

  /** Takes room in the intake, for requests that are about to be claimed. */
  reserve(count = 1): void {
    this.#buffers.used.intake += count
  }

  /** Gives back what was reserved and not needed. */
  giveBack(count = 1): void {
    this.#buffers.used.intake -= count
  }

  /** The place of a request that was claimed for a reservation. */
  place(): LanePlace {
    return new LanePlace(this.#buffers, this.#onRoom)
  }

  /** Holds the lane for some time; it comes back slowly. */
  hold(ms: number, now: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, now + ms)
    this.#allowed = 1
  }

  /** Tells of a run that ended well. */
  succeeded(): void {
    if (this.#allowed === Infinity) return
    this.#allowed++
    if (this.#allowed >= this.#maxInFlight()) this.#allowed = Infinity
  }

  /** When the hold is over; 0: there is none. */
  get heldUntil(): number {
    return this.#heldUntil
  }
}
