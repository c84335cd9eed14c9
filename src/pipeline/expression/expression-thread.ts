import { Worker } from 'node:worker_threads'
import { SluiceError } from '../../errors.ts'
import { ownFile } from '../../own-files.ts'
import type { Task, TaskEnd } from './task.ts'

const threadFile = ownFile('pipeline/expression/thread')

/** Of one thread. An expression that needs more is stopped, and the gateway does not end with it. */
const maxHeapMb = 512

interface Waiting {
  readonly task: Task
  readonly settle: (end: TaskEnd | SluiceError) => void
}

/**
 * A thread for expressions as the process sees it. Tasks wait here, one line for each owner, and the lines take turns;
 * the thread has one at a time. It starts with its first task, and holds nothing that would have to be closed: while
 * it has no task it does not keep the process alive.
 */
export class ExpressionThread {
  readonly #name: string
  readonly #lines = new Map<object, Waiting[]>()
  #worker: Worker | undefined
  #current: Waiting | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** Rejects with DEADLINE_EXCEEDED when its turn has not come by then, on the clock of `performance.now()`. */
  run(owner: object, task: Task, deadline: number): Promise<TaskEnd> {
    return new Promise((resolve, reject) => {
      const settle = (end: TaskEnd | SluiceError): void => (end instanceof SluiceError ? reject(end) : resolve(end))
      const waiting = { task, settle }
      if (this.#current === undefined) this.#start(waiting)
      else this.#wait(owner, waiting, deadline)
    })
  }

  #wait(owner: object, { task, settle }: Waiting, deadline: number): void {
    const line = this.#lines.get(owner) ?? []
    this.#lines.set(owner, line)
    const leftMs = deadline - performance.now()
    const leave = (): void => {
      const at = line.indexOf(waiting)
      if (at === -1) return
      line.splice(at, 1)
      settle(
        new SluiceError('DEADLINE_EXCEEDED', 'an expression did not get its turn before the deadline of the request')
      )
    }
    const timer = leftMs < longest ? setTimeout(leave, leftMs) : undefined
    const waiting: Waiting = {
      task,
      settle: end => {
        clearTimeout(timer)
        settle(end)
      }
    }
    line.push(waiting)
  }

  #start(waiting: Waiting): void {
    this.#current = waiting
    this.#worker ??= this.#startWorker()
    this.#worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(waiting.task)
  }

  #ended(end: TaskEnd | SluiceError): void {
    const current = this.#current
    this.#current = undefined
    current?.settle(end)
    const next = this.#next()
    if (next === undefined) this.#worker?.unref()
    else this.#start(next)
  }

  /** Of the line whose turn it is; behind it that line is the last. */
  #next(): Waiting | undefined {
    for (const [owner, line] of this.#lines) {
      const next = line.shift()
      this.#lines.delete(owner)
      if (line.length > 0) this.#lines.set(owner, line)
      if (next !== undefined) return next
    }
    return undefined
  }

  #startWorker(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: maxHeapMb }
    const worker = new Worker(threadFile, {
      name: `expressions, ${this.#name}`,
      workerData: this.#name,
      resourceLimits
    })
    worker.on('message', (end: TaskEnd) => this.#ended(end))
    worker.on('error', (error: unknown) => this.#broke(worker, error))
    worker.on('exit', () => this.#broke(worker, new Error('the thread has ended')))
    return worker
  }

  /** The next task gets a new thread. */
  #broke(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    if (this.#current !== undefined) this.#ended(failureOf(cause))
  }
}

/** Timers take no more; whoever has more time than this waits without one. */
const longest = 2 ** 31 - 1

const failureOf = (cause: unknown): SluiceError =>
  cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new SluiceError('EXPRESSION_LIMIT', 'the expression ran into its limit: the memory of its thread', { cause })
    : new SluiceError('INTERNAL', 'the thread of the expressions has failed', { cause })
