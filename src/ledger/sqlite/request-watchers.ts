/** To be told of what changes in the store. */
export interface Watching {
  /** Calls back with a pipeline that may have something to claim. */
  watch(onWork: (pipeline: string) => void): Disposable
  /** Calls back when the request has a new version. */
  onChange(pipeline: string, id: string, wake: () => void): Disposable
}

/** Who waits for changes of requests, and who watches for work; all within this process. */
export class RequestWatchers implements Watching {
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #watching = new Set<(pipeline: string) => void>()

  /** The request has a new version. */
  changed(pipeline: string, id: string): void {
    for (const wake of this.#waiting.get(keyOf(pipeline, id)) ?? []) wake()
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

  onChange(pipeline: string, id: string, wake: () => void): Disposable {
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
}

const keyOf = (pipeline: string, id: string): string => JSON.stringify([pipeline, id])
