import type { Outcome } from '../event/outcome.ts'
import type { CloudEvent } from '../event/event.ts'
import { encodeHttp } from '../event/encode-http.ts'
import type { Answer } from '../http/answer.ts'
import { problemAnswer, type ProblemContext } from '../http/problem.ts'

/** The answer for a synchronous caller; `undefined` when nobody is there to get it. */
export function outcomeAnswer(
  outcome: Outcome,
  accept: string | undefined,
  context: ProblemContext
): Answer | undefined {
  switch (outcome.kind) {
    case 'replied':
      return replyAnswer(outcome.event, accept)
    case 'filtered':
      return filteredAnswer(outcome.step)
    case 'failed':
      return problemAnswer(outcome.error, context)
    case 'cancelled':
      return undefined
  }
}

export const filteredAnswer = (step: string): Answer => ({
  status: 204,
  headers: ['sluice-outcome', 'filtered', 'sluice-step', step],
  body: undefined
})

/** Binary mode serves both kinds of caller: to a plain one it is the data, with `ce-` headers beside it. */
export function replyAnswer(event: CloudEvent, accept: string | undefined): Answer {
  const { headers, body } = encodeHttp(event, wantsStructured(accept) ? 'structured' : 'binary')
  return { status: 200, headers, body }
}

/** Named in `Accept`, and not with the quality 0, which refuses it. */
export const wantsStructured = (accept: string | undefined): boolean =>
  accept !== undefined &&
  accept
    .split(',')
    .some(range => /^\s*application\/cloudevents\+json\s*(;|$)/i.test(range) && !/;\s*q=0(\.0*)?\s*(;|$)/i.test(range))
