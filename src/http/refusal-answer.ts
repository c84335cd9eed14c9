import type { SluiceError } from '../errors.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Answer } from './answer.ts'
import { problemAnswer } from './problem.ts'

/** The answer to what never became a request of a route: with an id, as every answer has one, and no path. */
export function refusalAnswer(fault: SluiceError): Answer {
  const requestId = createRequestId()
  const answer = problemAnswer(fault, { instance: '/', requestId })
  return { ...answer, headers: [...answer.headers, 'sluice-request-id', requestId] }
}
