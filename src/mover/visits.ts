import type { Visit } from '../flow/request.ts'
import type { StepRecord } from '../ledger/record/step-record.ts'

/** A visit, as the ledger keeps it. */
export const stepRecord = ({ step, path, outcome, attempts, durationMs, finishedAt, error }: Visit): StepRecord => ({
  name: step,
  path,
  status: outcome,
  attempts,
  startedAt: Math.round(finishedAt - durationMs),
  finishedAt,
  ...(error !== undefined && { error })
})

/** A visit that the ledger has kept, as the flow knows it. */
export const visitOf = ({ name, path, status, attempts, startedAt, finishedAt, error }: StepRecord): Visit => ({
  step: name,
  path,
  outcome: status,
  attempts,
  durationMs: finishedAt - startedAt,
  finishedAt,
  ...(error !== undefined && { error })
})
