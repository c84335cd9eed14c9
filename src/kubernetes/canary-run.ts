import type { CanarySpec, RunSpec } from '../pipeline/spec/process-spec.ts'

/**
 * The `run` of a step with the fields of an entry of its traffic in place of its own; variables one by one. The fewest
 * replicas are those of a canary, which has but a share of the calls: one, unless the step may have none.
 */
export function canaryRun(own: RunSpec, entry: CanarySpec): RunSpec {
  const env = { ...own.env, ...entry.env }
  const min = entry.min ?? (own.min === undefined ? undefined : Math.min(own.min, 1))
  const { min: _min, env: _env, ...rest } = { ...own, ...entry }
  return { ...rest, ...(Object.keys(env).length > 0 && { env }), ...(min !== undefined && { min }) }
}
