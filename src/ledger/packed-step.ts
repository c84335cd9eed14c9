import type { StepRecord } from './request-record.ts'

/** One visit of a step inside a frame's document: name, status, attempts, start, duration. */
export type PackedStep = readonly [string, StepRecord['status'], number, number, number]

export const packSteps = (steps: readonly StepRecord[]): readonly PackedStep[] =>
  steps.map(({ name, status, attempts, startedAt, finishedAt }) => [
    name,
    status,
    attempts,
    startedAt,
    finishedAt - startedAt
  ])

export const unpackSteps = (packed: readonly PackedStep[]): readonly StepRecord[] =>
  packed.map(([name, status, attempts, startedAt, durationMs]) => ({
    name,
    status,
    attempts,
    startedAt,
    finishedAt: startedAt + durationMs
  }))
