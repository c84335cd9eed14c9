import type { Answer } from '../http/answer.ts'
import type { Arrival } from './arrival.ts'
import { endServerSpans } from './server-span.ts'

/**
 * Gives back what a request holds once its answer has left: when the system has taken all of it, or the connection is
 * gone. A caller who does not read is in flight until then.
 */
export function depart(arrival: Arrival, answer: Answer | undefined): void {
  endServerSpans(arrival)
  const { incoming, outgoing, share } = arrival
  arrival.answered = true
  if (outgoing.writableFinished || outgoing.destroyed) return leave(arrival)
  const { body } = answer ?? {}
  if (body !== undefined && body.length > share.size) share.set(body.length)
  incoming.share = share
}

/** Its connection is gone, or the system has taken all of its answer. While its handler runs, it holds what it has. */
export function closed(arrival: Arrival): void {
  if (arrival.answered) leave(arrival)
}

function leave(arrival: Arrival): void {
  arrival.share.release()
  arrival.place?.leave()
  arrival.place = undefined
}
