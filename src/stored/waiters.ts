import type { EndSwitch } from '../flow/end-switch.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { UnorderedList, type Listed } from '../flow/unordered-list.ts'

/** A caller who waits for what becomes of a stored request. */
export interface Waiter extends Listed {
  /** Ends the wait: what is known by then is the answer. */
  readonly ending: EndSwitch
  /** Whether the request was running when it was last looked at. */
  isRunning: boolean
}

/** An answer that ends a wait has this long to reach its caller before the connections are cut, in milliseconds. */
const answeringMs = 500

/**
 * Callers who wait for stored requests. A gateway that shuts down lets each of them have an answer, from which it can
 * go on elsewhere: at once when nobody runs its request, and the others before their connections are cut.
 */
export class Waiters implements Disposable {
  readonly #waiters = new UnorderedList<Waiter>()
  #closing = false
  #timer: NodeJS.Timeout | undefined

  add(ending: EndSwitch, isRunning: boolean): Waiter {
    const waiter = { ending, isRunning, index: -1 }
    this.#waiters.add(waiter)
    return waiter
  }

  remove(waiter: Waiter): void {
    this.#waiters.remove(waiter)
  }

  /** The request has changed. False: there is nothing to wait for while the gateway shuts down. */
  goesOn(waiter: Waiter, { status }: RequestRecord): boolean {
    waiter.isRunning = status === 'running'
    return waiter.isRunning || !this.#closing
  }

  /** The gateway shuts down, and cuts what is open after `graceMs`. */
  close(graceMs: number): void {
    this.#closing = true
    this.#end(({ isRunning }) => !isRunning)
    this.#timer = setTimeout(() => this.#end(() => true), Math.max(graceMs / 2, graceMs - answeringMs))
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #end(which: (waiter: Waiter) => boolean): void {
    for (const { ending } of this.#waiters.items.filter(which)) ending.abort()
  }
}
