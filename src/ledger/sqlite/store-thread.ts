import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { SluiceError } from '../../errors.ts'
import type { Outage } from '../outage.ts'
import type { Operation, OperationName, OperationResult, Operations } from './operations.ts'
import type { ThreadAnswer, ThreadMessage } from './thread.ts'

/** Beside this file; TypeScript in a checkout, JavaScript in a package. */
const threadFile = new URL(import.meta.url.replace(/store-thread(\.[jt]s)$/, 'thread$1'))

/** Calls to the thread that owns the database: all calls of one turn of the event loop are sent as one message. */
export class StoreThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #outage: Outage
  readonly #exit: Promise<unknown>
  /**
   * In the order in which the operations were sent, which is the order of the answers. `never`: what a value is, only
   * the one knows who waits for it.
   */
  readonly #waiting: ((result: OperationResult<never>) => void)[] = []
  #unsent: Operation[] = []
  #closed = false

  private constructor(worker: Worker, outage: Outage) {
    this.#worker = worker
    this.#outage = outage
    this.#exit = new Promise(resolve => worker.once('exit', resolve))
    worker.on('message', (answer: ThreadAnswer<never>) => {
      if (answer.kind === 'results') this.#settle(answer.results)
    })
    worker.on('error', error => this.#fail('the thread of the store has failed', error))
    worker.on('exit', () => this.#fail('the store is closed', undefined))
  }

  /** Opens the store of the path; rejects with STORE_UNAVAILABLE, and says why. */
  static async start(path: string, outage: Outage): Promise<StoreThread> {
    const worker = new Worker(threadFile, { workerData: path })
    const [answer]: ThreadAnswer<never>[] = await once(worker, 'message')
    if (answer?.kind !== 'refused') return new StoreThread(worker, outage)
    await worker.terminate()
    throw new SluiceError('STORE_UNAVAILABLE', answer.message, { cause: answer.cause })
  }

  async run<Name extends OperationName>(name: Name, input: Operations[Name][0]): Promise<Operations[Name][1]> {
    const result = await this.#send<Operations[Name][1]>({ name, input })
    if (result.kind === 'failed') throw new Error(`store: ${name}: ${result.message}`, { cause: result.cause })
    if (result.kind === 'done') {
      this.#outage.worked()
      return result.value
    }
    const error = unavailable(result.message, result.cause)
    this.#outage.failed(error)
    throw error
  }

  /** What was sent before is carried out. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#flush()
      this.#closed = true
      this.#post('close')
    }
    await this.#exit
  }

  #send<Value>(operation: Operation): Promise<OperationResult<Value>> {
    if (this.#closed) throw unavailable('the store is closed')
    if (this.#unsent.length === 0) setImmediate(() => this.#flush())
    this.#unsent.push(operation)
    const { promise, resolve } = Promise.withResolvers<OperationResult<Value>>()
    this.#waiting.push(resolve)
    return promise
  }

  #flush(): void {
    if (this.#unsent.length === 0 || this.#closed) return
    this.#post(this.#unsent)
    this.#unsent = []
  }

  #post(message: ThreadMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(message)
  }

  #settle(results: readonly OperationResult<never>[]): void {
    const waiting = this.#waiting.splice(0, results.length)
    results.forEach((result, i) => waiting[i]?.(result))
  }

  #fail(message: string, cause: unknown): void {
    this.#closed = true
    this.#settle(this.#waiting.map(() => ({ kind: 'unavailable', message, cause })))
  }
}

const unavailable = (message: string, cause?: unknown): SluiceError =>
  new SluiceError('STORE_UNAVAILABLE', message, { cause, facts: { retryAfterMs: 1000 } })
