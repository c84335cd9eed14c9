import { SluiceError } from '../../errors.ts'
import type { Operation, OperationName, OperationResult, Operations } from './operations.ts'

/** The part that carries out operations of the store. */
export interface StoreCalls {
  run<Name extends OperationName>(name: Name, input: Operations[Name][0]): Promise<Operations[Name][1]>
}

/** About as many calls as a turn of the event loop brings in a millisecond. */
const callsPerMs = 20

/**
 * Calls to the one that owns the database: those of one turn of the event loop are sent as one message. While it has
 * nothing to do, as many as come in the time of one answer are sent at once, so that it works while the turn goes on;
 * and so is the first one when the last went alone, as few others are to be expected.
 */
export class OperationQueue {
  readonly #post: (operations: readonly Operation[]) => void
  /**
   * In the order in which the operations were sent, which is the order of the answers. `never`: what a value is, only
   * the one knows who waits for it.
   */
  readonly #waiting: ((result: OperationResult<never>) => void)[] = []
  #unsent: Operation[] = []
  #flushing = false
  #closed = false
  #sentAt = 0
  /** Calls in the last message. */
  #lastSize = 0
  /** From a message to its answer. */
  #answerMs = 0

  constructor(post: (operations: readonly Operation[]) => void) {
    this.#post = post
  }

  /** Resolves with what became of it; a closed queue answers `unavailable`. */
  send<Name extends OperationName>(
    name: Name,
    input: Operations[Name][0]
  ): Promise<OperationResult<Operations[Name][1]>> {
    if (this.#closed) return Promise.resolve({ kind: 'unavailable', message: 'the store is closed', cause: undefined })
    const { promise, resolve } = Promise.withResolvers<OperationResult<Operations[Name][1]>>()
    this.#waiting.push(resolve)
    this.#unsent.push({ name, input })
    const isIdle = this.#waiting.length === this.#unsent.length
    const isEnough = this.#lastSize === 1 || this.#unsent.length > this.#answerMs * callsPerMs
    if (isIdle && isEnough) this.#flush()
    else this.#flushSoon()
    return promise
  }

  settle(results: readonly OperationResult<never>[]): void {
    this.#answerMs = performance.now() - this.#sentAt
    const waiting = this.#waiting.splice(0, results.length)
    results.forEach((result, i) => waiting[i]?.(result))
  }

  /** Takes no more; what was taken before is sent. */
  close(): void {
    this.#flush()
    this.#closed = true
  }

  /** Nobody will answer any more. */
  fail(message: string, cause: unknown): void {
    this.#closed = true
    this.settle(this.#waiting.map(() => ({ kind: 'unavailable', message, cause })))
  }

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    setImmediate(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#unsent.length === 0 || this.#closed) return
    this.#sentAt = performance.now()
    this.#lastSize = this.#unsent.length
    this.#post(this.#unsent)
    this.#unsent = []
  }
}

/** The value of an operation that was done. Throws STORE_UNAVAILABLE, or what the operation met. */
export function operationValue<Value>(name: OperationName, result: OperationResult<Value>): Value {
  const { kind } = result
  switch (kind) {
    case 'done':
      return result.value
    case 'failed':
      throw new Error(`store: ${name}: ${result.message}`, { cause: result.cause })
    case 'unavailable':
    case 'damaged':
      throw unavailable(result)
  }
}

/** The store failed, or is closed. */
export const unavailable = ({ message, cause }: { readonly message: string; readonly cause: unknown }): SluiceError =>
  new SluiceError('STORE_UNAVAILABLE', message, { cause, facts: { retryAfterMs: 1000 } })
