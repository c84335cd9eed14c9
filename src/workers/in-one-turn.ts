/** Sends what is told in one turn of the event loop as one message: to send it costs more than what is in it. */
export function inOneTurn<T>(send: (items: readonly T[]) => void): (item: T) => void {
  let items: T[] = []
  return item => {
    if (items.push(item) > 1) return
    setImmediate(() => {
      const told = items
      items = []
      send(told)
    })
  }
}
