import type { Outcome } from '../event/outcome.ts'
import { isOutermost } from '../pipeline/paths.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Mode } from '../telemetry/pipeline-metrics.ts'
import type { Visit } from './request.ts'
import type { Serving } from './serving.ts'

/** A trip that has come to its end, be it that the caller waits or that the request is stored. */
export interface EndedTrip {
  readonly mode: Mode
  readonly outcome: Outcome['kind']
  /** Of this run. */
  readonly visits: readonly Visit[]
  /** The time that this run took, in milliseconds. */
  readonly runMs: number
  /** From the arrival of the request, or of a stored one from its acceptance. */
  readonly totalMs: number
  /** For the log; `undefined`: its line is read where the request is made. */
  readonly requestId: string | undefined
}

const messages: Record<Mode, string> = { sync: 'a request ended', async: 'a stored request ended' }

/**
 * Tells the metrics of it, and the log of what went well where a person reads along. A failure is told by whoever knows
 * what becomes of it.
 */
export function tellEnded(
  { mode, outcome, visits, runMs, totalMs, requestId }: EndedTrip,
  { plan: { pipeline }, metrics }: Pick<Serving, 'plan' | 'metrics'>,
  log: Logger
): void {
  const inSteps = visits.reduce((sum, { path, durationMs }) => (isOutermost(path) ? sum + durationMs : sum), 0)
  metrics.ended(mode, outcome, totalMs / 1000, Math.max(0, runMs - inSteps) / 1000)
  if (outcome === 'failed' || !log.tellsRequests) return
  const told = { pipeline, durationMs: totalMs, outcome, steps: visits }
  log.info(requestId === undefined ? told : { ...told, requestId }, messages[mode])
}
