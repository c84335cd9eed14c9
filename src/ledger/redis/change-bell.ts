import { encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { Notifications } from './notifications.ts'

/** Those who wait for a change of a request of one pipeline. */
interface Waiting {
  readonly subscription: Disposable
  /** By encoded id. */
  readonly listeners: Map<string, Set<() => void>>
  /** Ends the subscription, as long as nobody waits. */
  leaving: NodeJS.Timeout | undefined
}

/** How long a subscription outlives those who wait, in milliseconds: where one waits, the next is often near. */
const leavingMs = 5_000

/**
 * Tells those who wait for a request that it may have changed. One message names all that one script changed: told of
 * each in a channel of its own, Redis would work more for every request, whether anyone waits for it or not.
 */
export class ChangeBell {
  readonly #notifications: Notifications
  readonly #keys: Keys
  readonly #waiting = new Map<string, Waiting>()

  constructor(notifications: Notifications, keys: Keys) {
    this.#notifications = notifications
    this.#keys = keys
  }

  listen(pipeline: string, id: string, onChange: () => void): Disposable {
    const waiting = this.#waiting.get(pipeline) ?? this.#subscribe(pipeline)
    const { listeners } = waiting
    clearTimeout(waiting.leaving)
    const name = encodeName(id)
    // Its own entry, so that one function can listen twice.
    const listener = (): void => onChange()
    const ofRequest = listeners.get(name) ?? new Set()
    listeners.set(name, ofRequest.add(listener))
    return {
      [Symbol.dispose]: () => {
        if (!ofRequest.delete(listener) || ofRequest.size > 0) return
        listeners.delete(name)
        if (listeners.size === 0) waiting.leaving = setTimeout(() => this.#leave(pipeline, waiting), leavingMs).unref()
      }
    }
  }

  /** Tells those of this process, which then ask what changed; for when messages do not come. */
  ring(pipeline: string): void {
    for (const listeners of this.#waiting.get(pipeline)?.listeners.values() ?? []) for (const each of listeners) each()
  }

  #leave(pipeline: string, { subscription }: Waiting): void {
    this.#waiting.delete(pipeline)
    subscription[Symbol.dispose]()
  }

  #subscribe(pipeline: string): Waiting {
    const listeners: Waiting['listeners'] = new Map()
    const subscription = this.#notifications.listen(this.#keys.changes(pipeline), names => {
      const changed = names === undefined ? [...listeners.keys()] : names.split(' ')
      for (const name of changed) for (const listener of listeners.get(name) ?? []) listener()
    })
    const waiting = { subscription, listeners, leaving: undefined }
    this.#waiting.set(pipeline, waiting)
    return waiting
  }
}
