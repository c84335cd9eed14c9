import type { Followed, GuestMessage, HostMessage } from './guest-message.ts'
import { OperationQueue, operationValue, type StoreCalls } from '../operation-queue.ts'
import type { Operation, OperationName, Operations } from '../operations.ts'
import { RequestWatchers, type Watching } from '../request-watchers.ts'

/** The store that another process holds. */
export class RemoteStore implements StoreCalls, Watching, AsyncDisposable {
  readonly isImmediate = false
  readonly #tell: (message: GuestMessage) => void
  readonly #queue = new OperationQueue(operations => this.#flush(operations))
  readonly #watchers = new RequestWatchers()
  /** The waiters for changes, by number. */
  readonly #waking = new Map<number, () => void>()
  readonly #running = new Set<Promise<unknown>>()
  #follow: Followed[] = []
  #unfollow: number[] = []
  #lastNo = 0

  constructor(tell: (message: GuestMessage) => void) {
    this.#tell = tell
  }

  receive({ results, changed, work }: HostMessage): void {
    this.#queue.settle(results)
    for (const no of changed) this.#waking.get(no)?.()
    for (const pipeline of work) this.#watchers.work(pipeline)
  }

  async run<Name extends OperationName>(name: Name, input: Operations[Name][0]): Promise<Operations[Name][1]> {
    const sent = this.#queue.send(name, input)
    this.#running.add(sent)
    try {
      return operationValue(name, await sent)
    } finally {
      this.#running.delete(sent)
    }
  }

  watch(onWork: (pipeline: string) => void): Disposable {
    return this.#watchers.watch(onWork)
  }

  /** Goes out with the read that follows, and is looked at before it. */
  onChange(pipeline: string, id: string, wake: () => void): Disposable {
    const no = ++this.#lastNo
    this.#waking.set(no, wake)
    this.#follow.push({ no, pipeline, id })
    return {
      [Symbol.dispose]: () => {
        if (!this.#waking.delete(no)) return
        if (this.#unfollow.push(no) === 1) setImmediate(() => this.#flush([]))
      }
    }
  }

  /** The records stay with the process that holds the store. */
  isAwaited(): boolean {
    return false
  }

  /** Operations that were sent before are carried out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.close()
    await Promise.allSettled(this.#running)
  }

  #flush(operations: readonly Operation[]): void {
    if (operations.length === 0 && this.#unfollow.length === 0) return
    this.#tell({ operations, follow: this.#follow, unfollow: this.#unfollow })
    this.#follow = []
    this.#unfollow = []
  }
}
