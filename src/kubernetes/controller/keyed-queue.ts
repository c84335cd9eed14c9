import { GrowingDelay } from '../../growing-delay.ts'

/** How many are under way at once. */
const atOnce = 16
/** One that failed is tried again after so long, in milliseconds, and longer each time. */
const retries = { firstMs: 500, maxMs: 30_000 }

export interface KeyedQueueDeps {
  /** Does what there is to do for a key. One that throws is tried again later. Answers when to look again, in milliseconds. */
  readonly handle: (key: string) => Promise<number | undefined>
  readonly onFault: (key: string, thrown: unknown) => void
}

/** Work by key: each key is worked on by one at a time, and once for all that came meanwhile. */
export class KeyedQueue implements AsyncDisposable {
  readonly #deps: KeyedQueueDeps
  readonly #waiting = new Set<string>()
  readonly #under = new Map<string, Promise<void>>()
  readonly #timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly at: number }>()
  /** Of the keys whose last try failed. */
  readonly #retries = new Map<string, GrowingDelay>()
  #isClosed = false

  constructor(deps: KeyedQueueDeps) {
    this.#deps = deps
  }

  get length(): number {
    return this.#waiting.size + this.#under.size
  }

  add(key: string): void {
    if (this.#isClosed) return
    this.#waiting.add(key)
    this.#work()
  }

  /** Not before so many milliseconds; what is to be looked at earlier stays so. */
  addLater(key: string, ms: number): void {
    if (this.#isClosed) return
    const at = performance.now() + ms
    const known = this.#timers.get(key)
    if (known !== undefined && known.at <= at) return
    clearTimeout(known?.timer)
    const timer = setTimeout(() => {
      this.#timers.delete(key)
      this.add(key)
    }, ms)
    this.#timers.set(key, { timer, at })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const { timer } of this.#timers.values()) clearTimeout(timer)
    this.#waiting.clear()
    await Promise.all(this.#under.values())
  }

  #work(): void {
    for (const key of this.#waiting) {
      if (this.#under.size >= atOnce) return
      if (this.#under.has(key)) continue
      this.#waiting.delete(key)
      this.#under.set(key, this.#handle(key))
    }
  }

  async #handle(key: string): Promise<void> {
    try {
      const againMs = await this.#deps.handle(key)
      this.#retries.delete(key)
      if (againMs !== undefined) this.addLater(key, againMs)
    } catch (thrown) {
      const delay = this.#retries.get(key) ?? new GrowingDelay(retries)
      this.#retries.set(key, delay)
      this.#deps.onFault(key, thrown)
      this.addLater(key, delay.next())
    } finally {
      this.#under.delete(key)
      if (!this.#isClosed) this.#work()
    }
  }
}
