import type { ServerResponse } from 'node:http'
import { EndSwitch } from '../flow/end-switch.ts'

/**
 * Ends when the caller goes away before the answer is written, or has gone already. `closed` is called when the
 * answer has left, or the connection breaks. One listener does for both, and is there before the answer is written: one
 * that is added afterwards keeps the request alive for a collection more.
 */
export function endingWithCaller(outgoing: ServerResponse, closed: () => void): EndSwitch {
  const ending = new EndSwitch()
  const check = (): void => {
    if (!outgoing.writableFinished) ending.abort()
  }
  if (outgoing.destroyed) {
    check()
    return ending
  }
  // It closes once; with `once` each request would pay for a wrapper, and for its removal.
  outgoing.on('close', () => {
    check()
    closed()
  })
  return ending
}
