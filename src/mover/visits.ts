import type { Visit } from '../flow/request.ts'
import type { StepRecord } from '../ledger/record/step-record.ts'

/** A visit, as the ledger keeps it. */
export const stepRecord = ({ step, path, outcome, attempts, durationMs, finishedAt }: Visit): StepRecord => ({
  name: step,
  path,
  status: outcome,
  attempts,
  startedAt: Math.round(finishedAt - durationMs),
  finishedAt
})

/** A visit that the ledger has kept, as the flow knows it. */
export const visitOf = ({ name, path, status, attempts, startedAt, finishedAt }: StepRecord): Visit => ({
  step: name,
  path,
  outcome: status,
  attempts,
  durationMs: finishedAt - startedAt,
  finishedAt
})
