import { decodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { Notifications } from './notifications.ts'

/** Tells those who watch that a pipeline may have something to claim: of this process at once, of others by message. */
export class WorkBell {
  readonly #notifications: Notifications
  readonly #keys: Keys
  readonly #watchers = new Set<(pipeline: string) => void>()

  constructor(notifications: Notifications, keys: Keys) {
    this.#notifications = notifications
    this.#keys = keys
  }

  ring(pipeline: string): void {
    for (const watcher of this.#watchers) watcher(pipeline)
  }

  watch(onWork: (pipeline: string) => void): Disposable {
    // Its own entry, so that one function can watch twice.
    const watcher = (pipeline: string): void => onWork(pipeline)
    this.#watchers.add(watcher)
    const listening = this.#notifications.listen(this.#keys.work, name => {
      if (name !== undefined) watcher(decodeName(name))
    })
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher)
        listening[Symbol.dispose]()
      }
    }
  }
}
