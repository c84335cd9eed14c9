import { constants } from 'node:os'
import { within } from '../telemetry/within.ts'

/** How long the second signal waits for what is to be said of it, in milliseconds. */
const leaveMs = 200

/**
 * Resolves at the first SIGTERM or SIGINT; the second ends the process as it would without a listener, once `leave` has
 * said what it leaves.
 */
export function shutdownSignal(leave: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  return new Promise(resolve => {
    let stopping = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (stopping) void within(leaveMs, leave()).finally(() => process.exit(128 + constants.signals[signal]))
        stopping = true
        resolve()
      })
    }
  })
}
