import type { RequestSummary } from '../ledger/record/request-record.ts'
import { statusDocument, type StatusDocument } from '../ledger/record/status-document.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { Plan } from '../pipeline/plan.ts'
import { stepsNow } from './steps-now.ts'

/** The facts that a replica knows of a stored request beside its record; taken before that is read. */
export interface RequestView {
  /** The pipeline of its name as it is served here; `undefined`: it is not. */
  readonly served: { readonly plan: Plan; readonly generation: number } | undefined
  /** The reason why this replica begins no more requests of the pipeline; `undefined`: it does. */
  readonly hold: Waiting | undefined
  /** Its steps, if this replica runs it. */
  readonly live: readonly StepNow[] | undefined
}

/** Looks at a stored request. */
export type ViewOf = (pipeline: string, id: string) => RequestView

/** The status document of the request. */
export function requestDocument(record: RequestSummary, { served, hold, live }: RequestView): StatusDocument {
  const plan = served?.generation === record.generation ? served?.plan : undefined
  const first = served?.plan.flow[0]?.name
  return statusDocument(record, { first, hold, steps: stepsNow(record, live, plan) })
}
