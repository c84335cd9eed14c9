import { SluiceError } from '../../errors.ts'
import type { Operation, OperationName, OperationResult, Operations } from './operations.ts'

/** What carries out operations of the store. */
export interface StoreCalls {
  run<Name extends OperationName>(name: Name, input: Operations[Name][0]): Promise<Operations[Name][1]>
}

/** Calls to the one that owns the database: all calls of one turn of the event loop are sent as one message. */
export class OperationQueue {
  readonly #post: (operations: readonly Operation[]) => void
  /**
   * In the order in which the operations were sent, which is the order of the answers. `never`: what a value is, only
   * the one knows who waits for it.
   */
  readonly #waiting: ((result: OperationResult<never>) => void)[] = []
  #unsent: Operation[] = []
  #closed = false

  constructor(post: (operations: readonly Operation[]) => void) {
    this.#post = post
  }

  /** Resolves with what became of it; a closed queue answers `unavailable`. */
  send<Name extends OperationName>(
    name: Name,
    input: Operations[Name][0]
  ): Promise<OperationResult<Operations[Name][1]>> {
    if (this.#closed) return Promise.resolve({ kind: 'unavailable', message: 'the store is closed', cause: undefined })
    if (this.#unsent.length === 0) setImmediate(() => this.#flush())
    this.#unsent.push({ name, input })
    const { promise, resolve } = Promise.withResolvers<OperationResult<Operations[Name][1]>>()
    this.#waiting.push(resolve)
    return promise
  }

  settle(results: readonly OperationResult<never>[]): void {
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

  #flush(): void {
    if (this.#unsent.length === 0 || this.#closed) return
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
      throw unavailable(result)
  }
}

/** The store failed, or is closed. */
export const unavailable = ({ message, cause }: { readonly message: string; readonly cause: unknown }): SluiceError =>
  new SluiceError('STORE_UNAVAILABLE', message, { cause, facts: { retryAfterMs: 1000 } })
