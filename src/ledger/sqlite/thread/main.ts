import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Operation, OperationResult } from '../operations.ts'
import { Transactions } from './transactions.ts'
import { storeFaultMessage } from '../store-fault.ts'

/*
 * The thread that owns the database, so that an fsync never stops the gateway's event loop. Everything that arrived
 * while a transaction was being committed goes into the next one.
 */

/** A message to the thread; `close` is the last. */
export type ThreadMessage = readonly Operation[] | 'close'

/** Its answer: first whether it has opened the store, then results in the order in which operations were sent. */
export type ThreadAnswer<Value> =
  | { readonly kind: 'opened'; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string; readonly cause: unknown }
  | { readonly kind: 'results'; readonly results: readonly OperationResult<Value>[] }

if (parentPort !== null) serve(parentPort)

function serve(port: NonNullable<typeof parentPort>): void {
  // A report that Node writes of the process has a part for each thread, with the environment otherwise.
  process.report.excludeEnv = true
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const answer = (message: ThreadAnswer<unknown>): void => port.postMessage(message)
  const store = openStore(answer)
  if (store === undefined) return
  answer({ kind: 'opened', warnings: store.warnings })
  port.on('message', (first: ThreadMessage) => {
    const messages = [first, ...waiting(port)]
    const operations = messages.flatMap(message => (message === 'close' ? [] : message))
    if (operations.length > 0) answer({ kind: 'results', results: store.run(operations) })
    if (!messages.includes('close')) return
    store[Symbol.dispose]()
    port.close()
  })
}

function openStore(answer: (message: ThreadAnswer<unknown>) => void): Transactions | undefined {
  const path = String(workerData)
  try {
    return new Transactions(path)
  } catch (cause) {
    answer({ kind: 'refused', message: storeFaultMessage(cause, path) ?? String(cause), cause })
    return undefined
  }
}

function* waiting(port: NonNullable<typeof parentPort>): Generator<ThreadMessage> {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    yield next.message
  }
}
