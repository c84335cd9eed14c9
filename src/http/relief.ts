import type { Connection, Holding } from './connection.ts'

/** All connections are looked at once in so many milliseconds at most, however many requests find no room. */
const betweenSearchesMs = 50

/**
 * Makes room in the memory for bodies when somebody needs it: whoever has held some of it for longest without its
 * client doing anything for it lets go. Answers that nobody reads go before bodies that take long to come.
 */
export class Relief {
  readonly #open: () => Iterable<Connection>
  readonly #afterMs: number
  /** The next to let go is the last. */
  #holders: Holding[] = []
  #foundAt = -Infinity

  constructor(open: () => Iterable<Connection>, afterMs: number) {
    this.#open = open
    this.#afterMs = afterMs
  }

  /**
   * Those who hold so many octets together, or fewer if there are no more; each is to let go before the next is asked
   * for.
   */
  *holding(octets: number): Iterable<Holding> {
    const now = performance.now()
    for (let missing = octets; missing > 0;) {
      const candidate = this.#holders.pop() ?? this.#search(now)
      if (candidate === undefined) return
      // It may have moved on since it was found.
      const holding = candidate.connection.heldInVain(this.#afterMs, now)
      if (holding === undefined) continue
      missing -= holding.octets
      yield holding
    }
  }

  #search(now: number): Holding | undefined {
    if (now - this.#foundAt < betweenSearchesMs) return undefined
    this.#foundAt = now
    for (const connection of this.#open()) {
      const holding = connection.heldInVain(this.#afterMs, now)
      if (holding !== undefined) this.#holders.push(holding)
    }
    this.#holders.sort((a, b) => Number(a.slow === 'answer') - Number(b.slow === 'answer') || a.forMs - b.forMs)
    return this.#holders.pop()
  }
}
