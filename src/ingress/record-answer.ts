import { errorKinds, SluiceError, type ErrorCode } from '../errors.ts'
import type { Failure } from '../ledger/record/settlement.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Answer } from '../http/answer.ts'
import { problemAnswer } from '../http/problem.ts'
import { filteredAnswer, replyAnswer } from './outcome-answer.ts'

/** The answer of a finished request to a caller who asks for its reply; `undefined`: it is not finished. */
export function recordAnswer(record: RequestRecord, accept: string | undefined, instance: string): Answer | undefined {
  const context = { instance, requestId: record.id, traceId: record.traceId, pipeline: record.pipeline }
  switch (record.status) {
    case 'replied':
      return record.reply && replyAnswer(record.reply, accept)
    case 'filtered':
      return filteredAnswer(record.filteredBy ?? '')
    case 'failed':
      return record.failure && problemAnswer(failureError(record.failure, record.pipeline), context)
    case 'cancelled':
      return problemAnswer(
        new SluiceError('REQUEST_NOT_FOUND', 'the request was cancelled: there is no reply'),
        context
      )
    case 'accepted':
    case 'running':
      return undefined
  }
}

/** The failure as the error that it was. A code that this version does not know is a defect of the writer. */
function failureError(
  { code, message, step, path, attempts, upstreamStatus, upstreamBody, faults }: Failure,
  pipeline: string
): SluiceError {
  return new SluiceError(isErrorCode(code) ? code : 'INTERNAL', message, {
    facts: {
      pipeline,
      attempts,
      // For good, but a request with more time may do better.
      spent: code !== 'DEADLINE_EXCEEDED',
      ...(step !== undefined && { step }),
      ...(path !== undefined && { path }),
      ...(upstreamStatus !== undefined && { upstreamStatus }),
      ...(upstreamBody !== undefined && { upstreamBody }),
      ...(faults !== undefined && { faults })
    }
  })
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorKinds, code)
