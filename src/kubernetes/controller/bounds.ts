import { defaults } from '../../pipeline/defaults.ts'
import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import type { DeployedStep } from '../deployed-steps.ts'
import type { Scaling } from './scaling.ts'

/** How many replicas something may have. */
export interface Bounds {
  readonly min: number
  readonly max: number
  /** Fewer were wanted than is possible. */
  readonly isRaised: boolean
}

/** The fewest replicas: with Knative and with KEDA calls that come to none are held, without them nothing would ever start one. */
const floors = { knative: 0, keda: 0, autoscaler: 1 } as const satisfies Record<Scaling['by'], number>

export function boundsOf({ scale = {} }: PipelineSpec, { run, tag }: DeployedStep, { by }: Scaling): Bounds {
  const isCanary = tag !== undefined
  const usual = scale.min ?? defaults.scale.min
  const wanted = run.min ?? (isCanary ? Math.min(usual, 1) : usual)
  const max = run.max ?? Math.max(scale.max ?? defaults.scale.max, wanted)
  // The calls of a canary are not held.
  const min = Math.max(isCanary && by === 'keda' ? 1 : floors[by], wanted)
  return { min: Math.min(min, max), max, isRaised: !isCanary && min > wanted }
}

/** The aim of scaling: calls of one replica at the same time. */
export const targetOf = ({ scale = {} }: PipelineSpec, { run }: DeployedStep): number =>
  Math.min(scale.target ?? defaults.scale.target, run.concurrency ?? Infinity)
