import { toldText, type SluiceError } from '../errors.ts'
import type { StepFailure } from '../event/outcome.ts'

/** The failure as a visit tells it. `path`: of the step that failed, where the failure does not say another one. */
export function stepFailure({ code, message, facts }: SluiceError, path: string): StepFailure {
  const { upstreamStatus } = facts
  const upstreamBody = toldText(facts.upstreamBody)
  return {
    path: facts.path ?? path,
    code,
    detail: message,
    ...(upstreamStatus !== undefined && { upstreamStatus }),
    ...(upstreamBody !== undefined && { upstreamBody })
  }
}
