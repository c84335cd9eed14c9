import type { ServerResponse } from 'node:http'

/** Aborted when the caller goes away before the answer is written. */
export function callerGone(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort()
  })
  return controller.signal
}
