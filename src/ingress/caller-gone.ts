import type { ServerResponse } from 'node:http'
import { Ending } from '../flow/ending.ts'

/** Aborted when the caller goes away before the answer is written, or has gone already. */
export function callerGone(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  onCallerGone(outgoing, () => controller.abort())
  return controller.signal
}

/** The same for a request that lives in memory, and ends with its caller. */
export function endingWithCaller(outgoing: ServerResponse): Ending {
  const ending = new Ending()
  onCallerGone(outgoing, () => ending.abort())
  return ending
}

function onCallerGone(outgoing: ServerResponse, gone: () => void): void {
  const check = (): void => {
    if (!outgoing.writableFinished) gone()
  }
  if (outgoing.destroyed) check()
  else outgoing.once('close', check)
}
