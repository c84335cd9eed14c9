/** All calls that come within this time are one, in milliseconds. */
const gatherMs = 200

export interface Debounced extends Disposable {
  readonly call: () => void
}

/** One call for all that come within a moment; none after it was disposed. */
export function debounced(act: () => void): Debounced {
  let timer: NodeJS.Timeout | undefined
  return {
    call() {
      timer ??= setTimeout(() => {
        timer = undefined
        act()
      }, gatherMs)
    },
    [Symbol.dispose]: () => clearTimeout(timer)
  }
}
