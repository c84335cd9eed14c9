import type { Entered, Place } from '../delivery/processes.ts'
import { within } from '../telemetry/within.ts'
import type { Instance } from './instance.ts'

/** A broken connection and the end of its process are told apart within this time, in milliseconds. */
const lostMs = 250

/** The calls of a step: those that have a place in one of its processes, and those that wait in line for one. */
export class CallLine {
  readonly #instances: ReadonlySet<Instance>
  readonly #concurrency: () => number
  readonly #waiting = new Set<(entered: Entered) => void>()
  #most = 0

  /** `concurrency`: how many calls one process takes at once. */
  constructor(instances: ReadonlySet<Instance>, concurrency: () => number) {
    this.#instances = instances
    this.#concurrency = concurrency
  }

  /** Calls that wait for a place. */
  get held(): number {
    return this.#waiting.size
  }

  /** All calls. */
  get load(): number {
    let calls = this.#waiting.size
    for (const instance of this.#instances) calls += instance.calls
    return calls
  }

  /** The most calls at once since this was asked the last time. */
  takeMost(): number {
    const most = this.#most
    this.#most = 0
    return most
  }

  /** A place, where one is free and nobody waits for it. */
  take(): Place | undefined {
    if (this.#waiting.size > 0) return undefined
    const instance = this.#leastLoaded()
    return instance && this.#place(instance)
  }

  /** Stands in line; answers how to leave it. */
  wait(settle: (entered: Entered) => void): () => void {
    this.#waiting.add(settle)
    this.#count()
    return () => void this.#waiting.delete(settle)
  }

  /** Gives the places that are free to those who have waited longest. */
  serve(): void {
    for (const settle of this.#waiting) {
      const instance = this.#leastLoaded()
      if (instance === undefined) return
      this.#waiting.delete(settle)
      settle(this.#place(instance))
    }
  }

  /** Tells all who wait that no place will come. */
  giveUp(entered: Entered): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const settle of waiting) settle(entered)
  }

  #place(instance: Instance): Place {
    instance.calls++
    this.#count()
    let left = false
    return {
      kind: 'place',
      url: instance.url ?? '',
      leave: () => {
        if (left) return
        left = true
        instance.calls--
        if (instance.draining && instance.calls === 0) void instance[Symbol.asyncDispose]()
        else if (this.#waiting.size > 0) this.serve()
      },
      lost: async () => instance.url === undefined || (await within(lostMs, instance.down))
    }
  }

  #leastLoaded(): Instance | undefined {
    let least: Instance | undefined
    for (const instance of this.#instances) {
      if (instance.url === undefined || instance.draining || instance.stopping) continue
      if (least === undefined || instance.calls < least.calls) least = instance
    }
    return least !== undefined && least.calls < this.#concurrency() ? least : undefined
  }

  #count(): void {
    const { load } = this
    if (load > this.#most) this.#most = load
  }
}
