/** A bounded number of permits, and a line of those who wait for one. */
export interface Permits {
  /** Calls `start` with a permit, now or later; the answer takes a waiter out of the line. */
  take(start: () => void): () => void
  /** Takes a permit that is free now. */
  tryTake(): boolean | Promise<boolean>
  /** Gives a permit back, to the one who waited longest. */
  release(): void
  readonly waiting: number
}
