import type { VisitOutcome } from '../event/outcome.ts'
import type { PipelineMetrics } from '../telemetry/pipeline-metrics.ts'
import { isPutBack } from './is-put-back.ts'
import type { Visit } from './request.ts'
import { around, runThen, type StagePolicy, type StageReport } from './stage.ts'

/** Names the step in its failures, and tells its visit to the request and the metrics. */
export const observedStage =
  (pipeline: string, label: string, metrics: PipelineMetrics): StagePolicy =>
  next =>
    around(next, (event, request, surroundings) => {
      const startedAt = performance.now()
      request.follower?.stepBegins(next)
      request.journal?.begins(next)
      return runThen(next, event, request, surroundings, report => {
        const { result, attempts } = report
        const isHeldNow = isPutBack(result, request)
        const outcome = isHeldNow ? 'held' : outcomeOf(result)
        const durationMs = performance.now() - startedAt
        const finishedAt = Date.now()
        const visit: Visit = { step: next.name, path: next.path, outcome, attempts, durationMs, finishedAt }
        request.visits.push(report.hit === true ? { ...visit, hit: true } : visit)
        request.follower?.stepEnds(next)
        metrics.stepFinished(label, isHeldNow ? 'held' : result.kind, durationMs / 1000)
        if (result.kind !== 'failed') return report
        // A step inside that failed has named itself.
        const isNamed = result.error.facts.path !== undefined
        const facts = { pipeline, step: next.name, path: next.path, attempts }
        const error = isNamed ? result.error : result.error.with(facts)
        if (isHeldNow) request.journal?.holds(next, error)
        return isNamed ? report : { result: { ...result, error }, attempts }
      })
    })

function outcomeOf(result: StageReport['result']): VisitOutcome {
  if (result.kind === 'cancelled') return 'aborted'
  return result.kind === 'passed' && result.skipped === true ? 'skipped' : result.kind
}
