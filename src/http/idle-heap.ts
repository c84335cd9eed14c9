import { getHeapStatistics } from 'node:v8'
import { collectGarbage } from './collect-garbage.ts'

const betweenLooksMs = 1_000
/** A thread that works for longer than this between two looks, in microseconds, is not idle. */
const idleMicroseconds = 100_000
/** The room that is worth a collection, in bytes. */
const worth = 16 * 2 ** 20
/** V8 gives the room of a collection back with the next one, after a while of peace. */
const collectAfterLooks: readonly number[] = [1, 10]
/** By then the room is given back, unless the thread has worked a little all the time. */
const settledAfterLooks = 12
/** Work between the first look and the last that leaves no garbage to speak of, in microseconds. */
const quietMicroseconds = 250_000
/** Beside its objects V8 holds no more than this where it has given room back, in bytes. */
const usualRoom = 2 * worth
/** A heap whose room is in holes between its objects cannot give it back, however often it is collected. */
const mostTries = 4

export interface HeapLooks {
  /** Microseconds of a processor that this thread has used so far: a machine that others keep busy does not count. */
  readonly worked: () => number
  /** Bytes that V8 has for objects, whether there are any or not. */
  readonly held: () => number
  /** Bytes of objects, with those that nobody needs any more. */
  readonly used: () => number
  readonly collect: () => void
  readonly everyMs: number
}

const usual: HeapLooks = {
  worked: () => {
    const { user, system } = process.threadCpuUsage()
    return user + system
  },
  held: () => getHeapStatistics().total_physical_size,
  used: () => getHeapStatistics().used_heap_size,
  collect: collectGarbage,
  everyMs: betweenLooksMs
}

/**
 * Gives memory back that a burst of work has left: V8 lets the room for young objects grow to 64 MiB, and collects nothing
 * while a process is idle. Two collections follow each time that the heap has grown and the thread has become idle; and
 * again, as long as a burst goes on so slowly that the thread is idle in between.
 */
export class IdleHeap implements Disposable {
  readonly #looks: HeapLooks
  readonly #looking: NodeJS.Timeout
  #worked: number
  /** Bytes that were held when everything had been given back. */
  #settled = 0
  #isSettled = true
  /** Looks in a row that saw an idle thread, since the heap grew. */
  #idle = 0
  /** Microseconds of work at the first of them. */
  #begun = 0
  /** Looks that are still let pass before the next collection. */
  #rest = 0
  /** Collections in a row behind which V8 has kept its room. */
  #tries = 0

  constructor(looks: Partial<HeapLooks> = {}) {
    this.#looks = { ...usual, ...looks }
    this.#worked = this.#looks.worked()
    this.#looking = setInterval(() => this.#look(), this.#looks.everyMs).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking)
  }

  #look(): void {
    const { worked, held, collect } = this.#looks
    const before = this.#worked
    this.#worked = worked()
    if (this.#worked - before > idleMicroseconds) {
      if (this.#idle > 0) this.#isSettled = false
      this.#idle = 0
      return
    }
    if (this.#idle === 0 && !this.#begins(held)) return
    this.#idle++
    if (collectAfterLooks.includes(this.#idle)) collect()
    if (this.#idle < settledAfterLooks) return
    this.#idle = 0
    this.#isSettled = this.#worked - this.#begun <= quietMicroseconds && !this.#triesAgain()
    if (this.#isSettled) this.#settled = held()
    else this.#rest = settledAfterLooks
  }

  /** V8 keeps its room while more than a little is allocated, which may be otherwise the next time. */
  #triesAgain(): boolean {
    const { held, used } = this.#looks
    this.#tries = held() - used() > usualRoom ? this.#tries + 1 : 0
    if (this.#tries < mostTries) return this.#tries > 0
    this.#tries = 0
    return false
  }

  /** There is room that is worth a collection. */
  #begins(held: () => number): boolean {
    if (this.#rest > 0) {
      this.#rest--
      return false
    }
    if (this.#isSettled && held() - this.#settled < worth) return false
    this.#begun = this.#worked
    return true
  }
}
