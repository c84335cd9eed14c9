import type { ServerResponse } from 'node:http'
import { Ending } from '../flow/ending.ts'

/** Ends when the caller goes away before the answer is written, or has gone already. */
export function endingWithCaller(outgoing: ServerResponse): Ending {
  const ending = new Ending()
  const check = (): void => {
    if (!outgoing.writableFinished) ending.abort()
  }
  if (outgoing.destroyed) check()
  else outgoing.once('close', check)
  return ending
}
