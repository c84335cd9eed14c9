import { errorKinds, type ErrorCode, type SluiceError } from '../errors.ts'

/** Statuses of what is of this moment: too slow, in flight, too much, not there yet. */
const passing: ReadonlySet<number> = new Set([408, 409, 429, 503])

/** Codes of other statuses whose cause may pass: a definition that comes, a step that gets well, more time. */
const mayPass: ReadonlySet<ErrorCode> = new Set([
  'PIPELINE_NOT_FOUND',
  'INTERNAL',
  'STEP_FAILED',
  'STEP_UNREACHABLE',
  'STEP_BROKEN_OFF',
  'STEP_TIMEOUT',
  'DEADLINE_EXCEEDED'
])

/** Codes of passing statuses whose cause stays until somebody decides anew. */
const stays: ReadonlySet<ErrorCode> = new Set(['PIPELINE_CHANGED', 'CONFLICT'])

/**
 * Whether the same request may fare better: no when its retries are spent, or its fault is its own, or it has ended.
 */
export const retryMayHelp = ({ code, facts }: SluiceError): boolean =>
  facts.spent !== true && !stays.has(code) && (passing.has(errorKinds[code].status) || mayPass.has(code))
