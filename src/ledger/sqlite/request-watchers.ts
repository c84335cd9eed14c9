import type { SettledAnswer, StoredSettlement } from './operations.ts'

/** To be told of what changes in the store. */
export interface Watching {
  /** Calls back with a pipeline that may have something to claim. */
  watch(onWork: (pipeline: string) => void): Disposable
  /** Whether `onChange` is in force when it returns; if not, with the next operation. */
  readonly isImmediate: boolean
  /** Calls back when the request has a new version; with how it ended, when that is known already. */
  onChange(pipeline: string, id: string, wake: Wake): Disposable
  /** Whether somebody in this process waits for a change. */
  isAwaited(pipeline: string, id: string): boolean
}

export type Wake = (ended?: Ended) => void

/** A settlement, and the store's answer to it. */
export interface Ended {
  readonly settlement: StoredSettlement
  readonly ending: SettledAnswer
}

/** The waiters for changes of requests, and the watchers for work; all within this process. */
export class RequestWatchers implements Watching {
  readonly isImmediate = true
  readonly #waiting = new Map<string, Set<Wake>>()
  readonly #watching = new Set<(pipeline: string) => void>()

  /** The request has a new version. */
  changed(pipeline: string, id: string, ended?: Ended): void {
    for (const wake of this.#waiting.get(keyOf(pipeline, id)) ?? []) wake(ended)
  }

  /** The pipeline may have something to claim. */
  work(pipeline: string): void {
    for (const onWork of this.#watching) onWork(pipeline)
  }

  watch(onWork: (pipeline: string) => void): Disposable {
    // Its own entry, so that one function can watch twice.
    const watcher = (pipeline: string): void => onWork(pipeline)
    this.#watching.add(watcher)
    return { [Symbol.dispose]: () => void this.#watching.delete(watcher) }
  }

  onChange(pipeline: string, id: string, wake: Wake): Disposable {
    const key = keyOf(pipeline, id)
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting.add(wake))
    return {
      [Symbol.dispose]: () => {
        waiting.delete(wake)
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
      }
    }
  }

  isAwaited(pipeline: string, id: string): boolean {
    return this.#waiting.has(keyOf(pipeline, id))
  }
}

/** A pipeline has no space in its name. Each stored request looks here five times, so that JSON would be too dear. */
const keyOf = (pipeline: string, id: string): string => `${pipeline} ${id}`
