import type { GuestMessage, HostMessage } from './guest-message.ts'
import { GuestClaims } from './guest-claims.ts'
import type { Operation, OperationName, OperationResult, Operations } from '../operations.ts'
import type { RequestWatchers } from '../request-watchers.ts'
import type { StoreThread } from '../store-thread.ts'

interface StoreGuestDeps {
  readonly thread: StoreThread
  readonly watchers: RequestWatchers
  readonly tell: (message: HostMessage) => void
}

/**
 * Another process, as the one sees it that holds the store. Disposing gives back what it still has claimed, each a
 * delivery that is spent: it may have been what the process died of.
 */
export class StoreGuest implements AsyncDisposable {
  readonly #deps: StoreGuestDeps
  readonly #held = new GuestClaims()
  readonly #followed = new Map<number, Disposable>()
  readonly #watch: Disposable
  /** Answers go out in the order in which their operations came. */
  #answered = Promise.resolve()
  #results: OperationResult<never>[] = []
  #changed = new Set<number>()
  #work = new Set<string>()
  #flushing = false
  #gone = false

  constructor(deps: StoreGuestDeps) {
    this.#deps = deps
    this.#watch = deps.watchers.watch(pipeline => {
      this.#work.add(pipeline)
      this.#flushSoon()
    })
  }

  receive({ operations, follow, unfollow }: GuestMessage): void {
    for (const { no, pipeline, id } of follow) {
      const wake = (): void => {
        this.#changed.add(no)
        this.#flushSoon()
      }
      this.#followed.set(no, this.#deps.watchers.onChange(pipeline, id, wake))
    }
    for (const no of unfollow) this.#unfollow(no)
    if (operations.length === 0) return
    const before = this.#answered
    const results = Promise.all(operations.map(({ name, input }) => this.#deps.thread.send(name, input)))
    this.#answered = results.then(async done => {
      await before
      this.#answer(operations, done)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone = true
    this.#watch[Symbol.dispose]()
    for (const no of this.#followed.keys()) this.#unfollow(no)
    // Its last operation may have claimed something.
    await this.#answered
    const { thread } = this.#deps
    await Promise.all(
      [...this.#held].map(claim => thread.send('release', { claim, delayMs: 0, spent: true, note: undefined }))
    )
  }

  #answer(operations: readonly Operation[], results: readonly OperationResult<Operations[OperationName][1]>[]): void {
    operations.forEach(({ name, input }, i) => {
      const result = results[i]
      if (result?.kind === 'done') this.#held.note(name, input, result.value)
    })
    this.#results.push(...(results as OperationResult<never>[]))
    this.#flushSoon()
  }

  #unfollow(no: number): void {
    this.#followed.get(no)?.[Symbol.dispose]()
    this.#followed.delete(no)
  }

  /** One message for what one turn of the event loop brings. */
  #flushSoon(): void {
    if (this.#flushing || this.#gone) return
    this.#flushing = true
    setImmediate(() => {
      this.#flushing = false
      if (!this.#gone) this.#deps.tell({ results: this.#results, changed: [...this.#changed], work: [...this.#work] })
      this.#results = []
      this.#changed = new Set()
      this.#work = new Set()
    })
  }
}
