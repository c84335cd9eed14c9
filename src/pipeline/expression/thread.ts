import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createRealm } from './realm.ts'
import { runTask } from './run-task.ts'
import type { Task } from './task.ts'

/*
 * A thread in which expressions run that could hold the event loop up. It does one task after the other; the process
 * that started it waits for each answer before it sends the next.
 */

if (parentPort !== null) serve(parentPort)

function serve(port: NonNullable<typeof parentPort>): void {
  // A report that Node writes of the process has a part for each thread, with the environment otherwise.
  process.report.excludeEnv = true
  if (workerData === 'patient') yieldToOthers()
  const run = createRealm()
  port.on('message', (task: Task) => {
    const end = runTask(task, run)
    const handedOver = end.kind === 'value' && end.json !== undefined ? [end.json.buffer] : []
    port.postMessage(end, handedOver)
  })
}

/** A long expression gets the processor that others leave; on Linux a thread has a priority of its own. */
function yieldToOthers(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), lowPriority)
  } catch {
    // Elsewhere all threads are alike.
  }
}

/** A third of the share of the others. */
const lowPriority = 5
