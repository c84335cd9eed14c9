import type { Permits } from '../delivery/permits.ts'
import type { PermitAnswer, PermitMessage } from './permit-message.ts'

/**
 * The permits for one destination, which the primary lends to its workers. A worker keeps those that it was lent for its
 * next calls, which ask nobody then, until another worker waits for one.
 *
 * - kept:     a permit that is given back goes to the next one here who waits, or is idle
 * - recalled: another worker waits, or nobody calls the destination here any more; a permit that is given back goes to
 *             the primary, which knows whose turn it is
 */
export class RemotePermits implements Permits {
  readonly #key: string
  readonly #max: number
  readonly #tell: (message: PermitMessage) => void
  readonly #nextNo: () => number
  readonly #waiting = new Map<number, () => void>()
  readonly #trying = new Map<number, (taken: boolean) => void>()
  #idle = 0
  #state: 'kept' | 'recalled' = 'kept'

  /** `nextNo`: a number that no other question of this worker has. */
  constructor(key: string, max: number, tell: (message: PermitMessage) => void, nextNo: () => number) {
    this.#key = key
    this.#max = max
    this.#tell = tell
    this.#nextNo = nextNo
  }

  get waiting(): number {
    return this.#waiting.size
  }

  take(start: () => void): () => void {
    if (this.#takeIdle()) {
      start()
      return () => {}
    }
    const no = this.#ask(true)
    this.#waiting.set(no, start)
    return () => {
      // One that has been granted meanwhile is on its way here.
      if (this.#waiting.delete(no)) this.#withdraw(no)
    }
  }

  tryTake(): boolean | Promise<boolean> {
    if (this.#takeIdle()) return true
    const no = this.#ask(false)
    return new Promise(resolve => this.#trying.set(no, resolve))
  }

  release(): void {
    if (this.#state === 'recalled') return this.#give(1)
    for (const [no, start] of this.#waiting) {
      this.#waiting.delete(no)
      this.#withdraw(no)
      return start()
    }
    this.#idle++
  }

  receive(answer: PermitAnswer): void {
    switch (answer.kind) {
      case 'recalled':
        return this.recall()
      case 'refused':
        return this.#tried(answer.no, false)
      case 'granted':
        this.#state = answer.recalled ? 'recalled' : 'kept'
        return this.#granted(answer.no)
    }
  }

  /** Each idle permit goes back, and every other one as soon as its call has ended. */
  recall(): void {
    this.#state = 'recalled'
    if (this.#idle > 0) this.#give(this.#idle)
    this.#idle = 0
  }

  #granted(no: number): void {
    if (this.#trying.has(no)) return this.#tried(no, true)
    const start = this.#waiting.get(no)
    if (start === undefined) return this.release()
    this.#waiting.delete(no)
    start()
  }

  #tried(no: number, taken: boolean): void {
    const resolve = this.#trying.get(no)
    this.#trying.delete(no)
    resolve?.(taken)
  }

  #takeIdle(): boolean {
    if (this.#idle === 0) return false
    this.#idle--
    return true
  }

  #ask(waits: boolean): number {
    const no = this.#nextNo()
    this.#tell({ kind: 'ask', key: this.#key, max: this.#max, no, waits })
    return no
  }

  #withdraw(no: number): void {
    this.#tell({ kind: 'withdraw', key: this.#key, no })
  }

  #give(count: number): void {
    this.#tell({ kind: 'give', key: this.#key, count })
  }
}
