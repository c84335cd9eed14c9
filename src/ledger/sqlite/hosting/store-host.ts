import type { Durability } from '../../durability.ts'
import type { HostMessage } from './guest-message.ts'
import type { RequestWatchers } from '../request-watchers.ts'
import { StoreGuest } from './store-guest.ts'
import type { StoreThread } from '../store-thread.ts'

/** The store of this process, for other processes of the gateway: their writes share its transactions. */
export class StoreHost {
  readonly durability: Durability
  readonly #thread: StoreThread
  readonly #watchers: RequestWatchers

  constructor(thread: StoreThread, watchers: RequestWatchers, durability: Durability) {
    this.durability = durability
    this.#thread = thread
    this.#watchers = watchers
  }

  /** Serves a process that is told things by `tell`. */
  connect(tell: (message: HostMessage) => void): StoreGuest {
    return new StoreGuest({ thread: this.#thread, watchers: this.#watchers, tell })
  }
}
