import { once } from 'node:events'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { SluiceError } from '../../errors.ts'
import { ownFile } from '../../own-files.ts'
import type { Outage } from '../outage.ts'
import { tellWatchers } from './tell-watchers.ts'
import { OperationQueue, operationValue, unavailable, type StoreCalls } from './operation-queue.ts'
import type { OperationName, OperationResult, Operations } from './operations.ts'
import type { RequestWatchers } from './request-watchers.ts'
import type { ThreadAnswer, ThreadMessage } from './thread/main.ts'

const threadFile = ownFile('ledger/sqlite/thread/main')
/** Node 24 says of its SQLite, in a line that is no JSON, that it is experimental. */
const execArgv = [...process.execArgv, '--disable-warning=ExperimentalWarning']

/** The listeners to changes in the store. */
interface Told {
  readonly watchers: RequestWatchers
  readonly outage: Outage
}

function startWorker(options: WorkerOptions): Worker {
  try {
    return new Worker(threadFile, { ...options, execArgv })
  } catch (error) {
    // A flag of V8's own, such as --max-old-space-size, holds for threads too, and cannot be given to one.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_INVALID_EXEC_ARGV') {
      return new Worker(threadFile, options)
    }
    throw error
  }
}

/** The thread that owns the database, as the process sees it that started it; what changed is told to the watchers. */
export class StoreThread implements StoreCalls, AsyncDisposable {
  /** The warnings about the file when it was opened. */
  readonly warnings: readonly string[]
  readonly #worker: Worker
  readonly #told: Told
  readonly #exit: Promise<unknown>
  readonly #queue = new OperationQueue(operations => this.#post(operations))
  #closing = false

  private constructor(worker: Worker, told: Told, warnings: readonly string[]) {
    this.warnings = warnings
    this.#worker = worker
    this.#told = told
    this.#exit = new Promise(resolve => worker.once('exit', resolve))
    worker.on('message', (answer: ThreadAnswer<never>) => {
      if (answer.kind === 'results') this.#queue.settle(answer.results)
    })
    worker.on('error', error => this.#queue.fail('the thread of the store has failed', error))
    worker.on('exit', () => this.#queue.fail('the store is closed', undefined))
  }

  /** Opens the store of the path; rejects with STORE_UNAVAILABLE, and says why. */
  static async start(path: string, told: Told): Promise<StoreThread> {
    const worker = startWorker({ name: 'store', workerData: path })
    const [answer]: ThreadAnswer<never>[] = await once(worker, 'message')
    if (answer?.kind !== 'refused') {
      return new StoreThread(worker, told, answer?.kind === 'opened' ? answer.warnings : [])
    }
    await worker.terminate()
    throw new SluiceError('STORE_UNAVAILABLE', answer.message, { cause: answer.cause })
  }

  async run<Name extends OperationName>(name: Name, input: Operations[Name][0]): Promise<Operations[Name][1]> {
    return operationValue(name, await this.send(name, input))
  }

  /** The outcome of the operation, in a form that another process can be told. */
  async send<Name extends OperationName>(
    name: Name,
    input: Operations[Name][0]
  ): Promise<OperationResult<Operations[Name][1]>> {
    const result = await this.#queue.send(name, input)
    const { watchers, outage } = this.#told
    if (result.kind === 'done') {
      outage.worked()
      tellWatchers(name, input, result.value, watchers)
    }
    if (result.kind === 'unavailable') outage.failed(unavailable(result))
    if (result.kind === 'damaged') outage.lost(unavailable(result))
    return result
  }

  /** Operations that were sent before are carried out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.close()
    if (!this.#closing) this.#post('close')
    this.#closing = true
    await this.#exit
  }

  #post(message: ThreadMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(message)
  }
}
