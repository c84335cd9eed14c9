import { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Call, Deliver, Delivered, DeliveryPolicy } from './deliver.ts'
import { Slots } from './slots.ts'
import { timerMs } from './wait.ts'

/** The places of destinations whose calls at once are limited: for each destination and limit, made on first use. */
export interface Places {
  of(destination: string, max: number): Slots
  /** Nobody calls these destinations any more. */
  drop(destinations: ReadonlySet<string>): void
  /** How many calls wait for a place. */
  list(): Iterable<{ readonly destination: string; readonly waiting: number }>
}

export function createPlaces(): Places {
  const places = new Map<string, { readonly destination: string; readonly slots: Slots }>()
  return {
    of(destination, max) {
      const key = `${destination} ${max}`
      const known = places.get(key)
      if (known !== undefined) return known.slots
      const slots = new Slots(max)
      places.set(key, { destination, slots })
      return slots
    },
    drop(destinations) {
      for (const [key, { destination }] of places) if (destinations.has(destination)) places.delete(key)
    },
    *list() {
      for (const { destination, slots } of places.values()) yield { destination, waiting: slots.waiting }
    }
  }
}

/** Each call takes a place, or waits for one in order; that time counts for nothing but the deadline. */
export const limited =
  (slots: () => Slots): DeliveryPolicy =>
  next =>
  (event, call) =>
    callInPlace(slots(), next, event, call)

async function callInPlace(slots: Slots, next: Deliver, event: CloudEvent, call: Call): Promise<Delivered> {
  switch (await enter(slots, call)) {
    case 'gone':
      return { kind: 'cancelled' }
    case 'late':
      return { kind: 'failed', error: tooLate() }
    case 'in':
      try {
        return await next(event, call)
      } finally {
        slots.release()
      }
  }
}

/** A call that is not made where no place is free at once: it was only to be quicker than another one. */
export const inFreePlace =
  (slots: () => Slots): DeliveryPolicy =>
  next =>
  async (event, call) => {
    const places = slots()
    if (!places.tryTake()) return { kind: 'failed', error: tooLate() }
    try {
      return await next(event, call)
    } finally {
      places.release()
    }
  }

const tooLate = (): SluiceError =>
  new SluiceError('DEADLINE_EXCEEDED', 'no place was free for the call before the deadline of the request', {
    facts: { cutShort: true }
  })

/** One that gives up while it waits leaves the line to those behind. */
function enter(slots: Slots, { signal, deadline }: Call): Promise<'in' | 'late' | 'gone'> {
  if (signal.aborted) return Promise.resolve('gone')
  return new Promise(resolve => {
    let isOver = false
    let leave = (): void => {}
    let timer: NodeJS.Timeout | undefined
    const end = (how: 'in' | 'late' | 'gone'): void => {
      isOver = true
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      leave()
      resolve(how)
    }
    const giveUp = (): void => end('gone')
    signal.addEventListener('abort', giveUp)
    leave = slots.take(() => end('in'))
    if (isOver || deadline === Infinity) return
    timer = setTimeout(() => end('late'), timerMs(deadline - performance.now()))
  })
}
