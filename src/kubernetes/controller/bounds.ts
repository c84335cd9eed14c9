import { defaults } from '../../pipeline/defaults.ts'
import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import type { DeployedStep } from '../deployed-steps.ts'
import { scalesToZero, type Scaling } from './scaling.ts'

/** How many replicas something may have. */
export interface Bounds {
  readonly min: number
  readonly max: number
  /** Fewer were wanted than is possible. */
  readonly isRaised: boolean
}

/** Where nobody scales from zero, something has to run for the first request to come to. */
export function boundsOf({ scale = {} }: PipelineSpec, { run }: DeployedStep, scaling: Scaling): Bounds {
  const min = run.min ?? scale.min ?? defaults.scale.min
  const max = run.max ?? Math.max(scale.max ?? defaults.scale.max, min)
  const floor = scalesToZero(scaling) ? min : Math.max(1, min)
  return { min: Math.min(floor, max), max, isRaised: floor > min }
}

/** What scaling aims at: calls of one replica at the same time. */
export const targetOf = ({ scale = {} }: PipelineSpec, { run }: DeployedStep): number =>
  Math.min(scale.target ?? defaults.scale.target, run.concurrency ?? Infinity)
