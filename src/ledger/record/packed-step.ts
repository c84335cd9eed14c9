import type { StepFailure } from '../../event/outcome.ts'
import type { StepRecord } from './step-record.ts'

/**
 * One visit of a step inside a frame's document: name, status, attempts, start, duration, path where it is another or
 * something follows, failure.
 */
export type PackedStep = readonly [
  string,
  StepRecord['status'] | 'cancelled',
  number,
  number,
  number,
  string?,
  StepFailure?
]

export const packSteps = (steps: readonly StepRecord[]): readonly PackedStep[] =>
  steps.map(({ name, path, status, attempts, startedAt, finishedAt, error }) => {
    const packed = [name, status, attempts, startedAt, finishedAt - startedAt] as const
    if (error !== undefined) return [...packed, path, error]
    return path === name ? packed : [...packed, path]
  })

export const unpackSteps = (packed: readonly PackedStep[]): readonly StepRecord[] =>
  packed.map(([name, status, attempts, startedAt, durationMs, path = name, error]) => ({
    name,
    path,
    // Versions without branches called it so.
    status: status === 'cancelled' ? 'aborted' : status,
    attempts,
    startedAt,
    finishedAt: startedAt + durationMs,
    ...(error !== undefined && { error })
  }))
