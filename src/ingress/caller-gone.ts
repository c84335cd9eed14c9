import type { ServerResponse } from 'node:http'

/** Aborted when the caller goes away before the answer is written, or has gone already. */
export function callerGone(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const check = (): void => {
    if (!outgoing.writableFinished) controller.abort()
  }
  if (outgoing.destroyed) check()
  else outgoing.once('close', check)
  return controller.signal
}
