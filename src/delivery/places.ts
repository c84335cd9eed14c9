import { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Call, Deliver, Delivered, DeliveryPolicy } from './deliver.ts'
import type { Permits } from './permits.ts'
import { Slots } from './slots.ts'
import { timerMs } from './wait.ts'

/** The places of destinations whose calls at once are limited: for each destination and limit, made on first use. */
export interface Places {
  of(destination: string, max: number): Permits
  /** Nobody calls these destinations any more. */
  drop(destinations: ReadonlySet<string>): void
  /** How many calls wait for a place. */
  list(): Iterable<{ readonly destination: string; readonly waiting: number }>
}

/** Those of a process that shares them with nobody. */
export function createPlaces(): Places {
  return new KeyedPlaces(
    (_, max) => new Slots(max),
    () => {}
  )
}

/** Places that are made by the destination and the limit. */
export class KeyedPlaces<Made extends Permits> implements Places {
  readonly #places = new Map<string, { readonly destination: string; readonly permits: Made }>()
  readonly #make: (key: string, max: number) => Made
  readonly #dropped: (permits: Made) => void

  constructor(make: (key: string, max: number) => Made, dropped: (permits: Made) => void) {
    this.#make = make
    this.#dropped = dropped
  }

  of(destination: string, max: number): Made {
    const key = `${destination} ${max}`
    const known = this.#places.get(key)
    if (known !== undefined) return known.permits
    const permits = this.#make(key, max)
    this.#places.set(key, { destination, permits })
    return permits
  }

  /** By the key that they were made with. */
  get(key: string): Made | undefined {
    return this.#places.get(key)?.permits
  }

  drop(destinations: ReadonlySet<string>): void {
    for (const [key, { destination, permits }] of this.#places) {
      if (!destinations.has(destination)) continue
      this.#places.delete(key)
      this.#dropped(permits)
    }
  }

  *list(): Iterable<{ readonly destination: string; readonly waiting: number }> {
    for (const { destination, permits } of this.#places.values()) yield { destination, waiting: permits.waiting }
  }
}

/** Each call takes a place, or waits for one in order; that time counts for nothing but the deadline. */
export const limited =
  (permits: () => Permits): DeliveryPolicy =>
  next =>
  (event, call) =>
    callInPlace(permits(), next, event, call)

async function callInPlace(permits: Permits, next: Deliver, event: CloudEvent, call: Call): Promise<Delivered> {
  switch (await enter(permits, call)) {
    case 'gone':
      return { kind: 'cancelled' }
    case 'late':
      return { kind: 'failed', error: tooLate() }
    case 'in':
      try {
        return await next(event, call)
      } finally {
        permits.release()
      }
  }
}

/** A call that is not made where no place is free at once: it was only to be quicker than another one. */
export const inFreePlace =
  (permits: () => Permits): DeliveryPolicy =>
  next =>
  async (event, call) => {
    const places = permits()
    const taken = places.tryTake()
    if (!(typeof taken === 'boolean' ? taken : await taken)) return { kind: 'failed', error: tooLate() }
    try {
      // Another one may have answered while this one asked for its place.
      return call.signal.aborted ? { kind: 'cancelled' } : await next(event, call)
    } finally {
      places.release()
    }
  }

const tooLate = (): SluiceError =>
  new SluiceError('DEADLINE_EXCEEDED', 'no place was free for the call before the deadline of the request', {
    facts: { cutShort: true }
  })

/** One that gives up while it waits leaves the line to those behind; the wait is seen in the call. */
function enter(permits: Permits, { signal, deadline, attempts }: Call): Promise<'in' | 'late' | 'gone'> {
  if (signal.aborted) return Promise.resolve('gone')
  return new Promise(resolve => {
    let isOver = false
    let leave = (): void => {}
    let timer: NodeJS.Timeout | undefined
    const end = (how: 'in' | 'late' | 'gone'): void => {
      isOver = true
      attempts.heldSince = undefined
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      leave()
      resolve(how)
    }
    const giveUp = (): void => end('gone')
    signal.addEventListener('abort', giveUp)
    leave = permits.take(() => end('in'))
    if (isOver) return
    attempts.heldSince = Date.now()
    if (deadline !== Infinity) timer = setTimeout(() => end('late'), timerMs(deadline - performance.now()))
  })
}
