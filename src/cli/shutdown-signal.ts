import { constants } from 'node:os'

/** Resolves at the first SIGTERM or SIGINT; the second ends the process at once, as it would without a listener. */
export function shutdownSignal(): Promise<void> {
  return new Promise(resolve => {
    let stopping = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (stopping) process.exit(128 + constants.signals[signal])
        stopping = true
        resolve()
      })
    }
  })
}
