import { errorKinds, toldText, type SluiceError } from '../errors.ts'
import type { Answer } from './answer.ts'
import { retryMayHelp } from './should-retry.ts'

/** The fields of a problem beside those of its error. */
export interface ProblemContext {
  /** The request's path. */
  readonly instance: string
  readonly requestId?: string | undefined
  readonly traceId?: string | undefined
  readonly pipeline?: string | undefined
}

/** The error as `application/problem+json` (RFC 9457); says nothing that a caller should not know. */
export function problemAnswer(error: SluiceError, context: ProblemContext): Answer {
  const { status, title } = errorKinds[error.code]
  const { retryAfterMs, allow, faults } = error.facts
  const problem = {
    type: `https://sluice.dev/problems/${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: error.message,
    instance: context.instance,
    code: error.code,
    pipeline: error.facts.pipeline ?? context.pipeline,
    step: error.facts.step,
    path: error.facts.path,
    attempts: error.facts.attempts,
    upstreamStatus: error.facts.upstreamStatus,
    upstreamBody: toldText(error.facts.upstreamBody),
    faults,
    requestId: context.requestId,
    traceId: context.traceId
  }
  const headers = ['content-type', 'application/problem+json']
  const seconds = retryAfterSeconds(status, retryAfterMs)
  if (seconds !== undefined) headers.push('retry-after', String(seconds))
  if (!retryMayHelp(error)) headers.push('x-should-retry', 'false')
  if (allow !== undefined) headers.push('allow', allow)
  if (status === 401) headers.push('www-authenticate', 'Bearer')
  return { status, headers, body: Buffer.from(JSON.stringify(problem)) }
}

/** 429 and 503 always say when to come back; a second, where nothing better is known. */
function retryAfterSeconds(status: number, retryAfterMs: number | undefined): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  return Math.max(1, Math.ceil((retryAfterMs ?? 1000) / 1000))
}
