import type { PipelineStatus } from './pipeline-status.ts'

/** Whether a status says the same, in whatever order its fields stand. */
export const sameStatus = (before: Partial<PipelineStatus>, now: PipelineStatus): boolean =>
  textOf(before) === textOf(now)

/** Whether only that differs which changes with every request. */
export const onlyCountsDiffer = (before: Partial<PipelineStatus>, now: PipelineStatus): boolean =>
  textOf(withoutCounts(before)) === textOf(withoutCounts(now))

function withoutCounts({
  inFlight: _i,
  pending: _p,
  deadLetters: _d,
  generations: _g,
  steps = [],
  ...rest
}: Partial<PipelineStatus>) {
  return { ...rest, steps: steps.map(({ breaker: _b, traffic: _t, ...step }) => step) }
}

const textOf = (value: unknown): string => JSON.stringify(value, inOrder)

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
