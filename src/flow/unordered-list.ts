/** An item of such a list, of one at a time. */
export interface Listed {
  /** Where it stands; the list keeps it up to date. */
  index: number
}

/**
 * Things in no order, many of which come and go. No Set: with every few additions that leaves a table behind, which
 * until the next full collection keeps alive what was in it and the table after it, and with them whole requests that
 * are long over.
 */
export class UnorderedList<Item extends Listed> {
  readonly #items: Item[] = []

  add(item: Item): void {
    item.index = this.#items.push(item) - 1
  }

  remove(item: Item): void {
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#items[item.index] = last
    last.index = item.index
  }

  get items(): readonly Item[] {
    return this.#items
  }
}
