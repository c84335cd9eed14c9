import type { EndSignal } from '../event/end-signal.ts'
import { timerMs } from './wait.ts'

/** The end of a wait: there is a result, or the time of who waited is over, or nobody waits there any more. */
export type Landed<T> =
  { readonly kind: 'landed'; readonly value: T } | { readonly kind: 'late' } | { readonly kind: 'gone' }

/** One who waits, and for how long. `deadline` is on the clock of `performance.now()`. */
export interface Passenger {
  readonly signal: EndSignal
  readonly deadline: number
}

/** Work under way: `own` is for who began it, `shared` for those who came after. */
export interface Work<T> {
  readonly own: Promise<T>
  readonly shared: Promise<T>
}

interface Flight<T> extends Work<T> {
  passengers: number
  readonly leave: () => void
}

/** Work that several wait for, done once. It goes on while one of them waits, and is ended when the last one leaves. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** The flight with this key; `undefined`: there is none. */
  follow(key: string, passenger: Passenger): Promise<Landed<T>> | undefined {
    const flight = this.#flights.get(key)
    if (flight === undefined) return undefined
    flight.passengers++
    return wait(flight.shared, passenger, flight.leave)
  }

  /** Begins a flight. Its own time is for `begin` to look at, which is told when nobody waits any more. */
  lead(key: string, { signal }: Passenger, begin: (signal: EndSignal) => Work<T>): Promise<Landed<T>> {
    const ending = new AbortController()
    const end = (): void => void (this.#flights.get(key) === flight && this.#flights.delete(key))
    const leave = (): void => {
      if (--flight.passengers > 0) return
      end()
      ending.abort()
    }
    const flight: Flight<T> = { ...begin(ending.signal), passengers: 1, leave }
    this.#flights.set(key, flight)
    flight.shared.then(end, end)
    return wait(flight.own, { signal, deadline: Infinity }, leave)
  }
}

function wait<T>(result: Promise<T>, { signal, deadline }: Passenger, leave: () => void): Promise<Landed<T>> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const end = (tell: () => void): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      leave()
      tell()
    }
    const giveUp = (): void => end(() => resolve({ kind: 'gone' }))
    result.then(
      value => end(() => resolve({ kind: 'landed', value })),
      (thrown: unknown) => end(() => reject(thrown))
    )
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp)
    if (deadline === Infinity) return
    timer = setTimeout(() => end(() => resolve({ kind: 'late' })), timerMs(deadline - performance.now()))
  })
}
