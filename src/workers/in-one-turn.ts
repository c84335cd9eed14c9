export interface InOneTurn<T> {
  (item: T): void
  /** Sends what there is before the turn is over. */
  readonly now: () => void
}

/** Sends what is told in one turn of the event loop as one message: to send it costs more than what is in it. */
export function inOneTurn<T>(send: (items: readonly T[]) => void): InOneTurn<T> {
  let items: T[] = []
  const now = (): void => {
    const told = items
    items = []
    if (told.length > 0) send(told)
  }
  const add = (item: T): void => {
    if (items.push(item) === 1) setImmediate(now)
  }
  return Object.assign(add, { now })
}
