interface Entry<V> {
  readonly value: V
  /** Grows with each use of any entry. */
  usedAt: number
}

/** Values by key that know when they were used last, so that one that is not needed can give way. Each use is cheap. */
export class RecentlyUsed<V> {
  readonly #entries = new Map<string, Entry<V>>()
  #uses = 0

  get size(): number {
    return this.#entries.size
  }

  /** Uses the value. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.usedAt = ++this.#uses
    return entry.value
  }

  set(key: string, value: V): void {
    this.#entries.set(key, { value, usedAt: ++this.#uses })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  *values(): Iterable<V> {
    for (const { value } of this.#entries.values()) yield value
  }

  /** Sorts them all: for the rare moment when one must go. */
  longestUnusedFirst(): [key: string, value: V][] {
    const entries = [...this.#entries].sort(([, a], [, b]) => a.usedAt - b.usedAt)
    return entries.map(([key, { value }]) => [key, value])
  }
}
