import type { VisitOutcome } from '../event/outcome.ts'
import type { SluiceError } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import { createSparseLines, type SparseLines } from '../telemetry/sparse-lines.ts'
import { isPutBack } from './is-put-back.ts'
import type { Request, Visit } from './request.ts'
import { around, runThen, type StagePolicy, type StageReport } from './stage.ts'
import { stepFailure } from './step-failure.ts'

/** The tellers of what becomes of steps. */
export interface Observers {
  readonly metrics: PipelineMetrics
  readonly log: Logger
}

/** Names the step in its failures, and tells its visit to the request and the metrics, and what it forgave to the log. */
export const observedStage =
  (pipeline: string, label: string, { metrics, log }: Observers): StagePolicy =>
  next => {
    // Most stages never forgive anything.
    let lines: SparseLines | undefined
    return around(next, (event, request, surroundings) => {
      const startedAt = performance.now()
      request.follower?.stepBegins(next, startedAt)
      request.journal?.begins(next)
      return runThen(next, event, request, surroundings, report => {
        const { result, attempts, forgiven } = report
        const isHeldNow = isPutBack(result, request)
        const named = result.kind === 'failed' ? nameIn(result.error, { pipeline, ...next, attempts }) : undefined
        const error = isHeldNow ? undefined : (own(named, next.path) ?? forgiven?.[0])
        const durationMs = performance.now() - startedAt
        const outcome = isHeldNow ? 'held' : outcomeOf(result)
        const visit = { step: next.name, path: next.path, outcome, attempts, durationMs, finishedAt: Date.now() }
        request.visits.push(report.hit === true || error !== undefined ? withMore(visit, report, error) : visit)
        request.follower?.stepEnds(next)
        metrics.stepFinished(label, isHeldNow ? 'held' : result.kind, durationMs / 1000)
        if (forgiven !== undefined) {
          lines ??= createSparseLines()
          tellForgiven(forgiven, { pipeline, ...next }, { request, lines, log })
        }
        if (result.kind !== 'failed' || named === undefined) return report
        if (isHeldNow) request.journal?.holds(next, named)
        return named === result.error ? report : { ...report, result: { ...result, error: named } }
      })
    })
  }

const withMore = (visit: Visit, { hit }: StageReport, error: SluiceError | undefined): Visit => ({
  ...visit,
  ...(hit === true && { hit }),
  ...(error !== undefined && { error: stepFailure(error, visit.path) })
})

interface Named {
  readonly pipeline: string
  readonly name: string
  readonly path: string
}

/** A step inside that failed has named itself. */
function nameIn(
  error: SluiceError,
  { pipeline, name: step, path, attempts }: Named & { attempts: number }
): SluiceError {
  return error.facts.path === undefined ? error.with({ pipeline, step, path, attempts }) : error
}

/** A failure inside a step is told there. */
const own = (error: SluiceError | undefined, path: string): SluiceError | undefined =>
  error?.facts.path === path ? error : undefined

interface Telling {
  readonly request: Request
  readonly lines: SparseLines
  readonly log: Logger
}

/** A step that is down costs no request, and yet each of them has a failure to forgive: one in ten seconds is told. */
function tellForgiven(
  forgiven: readonly SluiceError[],
  { pipeline, name: step, path }: Named,
  { request: { id: requestId, span }, lines, log }: Telling
): void {
  for (const failure of forgiven) {
    const line = lines(`${failure.code} ${failure.facts.path ?? path}`)
    if (line === undefined) continue
    const { code, detail: reason, path: failed, ...said } = stepFailure(failure, path)
    const attempts = failure.facts.attempts ?? 0
    const what = { pipeline, step, path, failed, code, attempts, reason, ...said }
    const fields = { requestId, traceId: span.traceId, ...what, ...line }
    log.info(fields, 'a failure was forgiven: the request goes on')
  }
}

function outcomeOf(result: StageReport['result']): VisitOutcome {
  if (result.kind === 'cancelled') return 'aborted'
  return result.kind === 'passed' && result.skipped === true ? 'skipped' : result.kind
}
