import { deployedSteps, type DeployedStep } from '../deployed-steps.ts'
import { boundsOf, type Bounds } from './bounds.ts'
import type { ChildState } from './child-state.ts'
import type { Children } from './children.ts'
import type { Memory } from './pipeline-memory.ts'
import type { CanaryState, DeployedState } from './pipeline-status.ts'
import type { Scaling } from './scaling.ts'
import { writtenSpec, type PipelineObject } from './seen-pipeline.ts'

export interface DeployedDeps {
  readonly scaling: Scaling
  readonly children: Pick<Children, 'stateOf'>
}

/** How the images of steps do. */
export function deployedOf({ children, scaling }: DeployedDeps, object: PipelineObject): readonly DeployedState[] {
  const spec = writtenSpec(object)
  if (spec === undefined) return []
  const own = deployedSteps(object.metadata.name, spec).filter(({ tag }) => tag === undefined)
  return own.map(deployed => {
    const bounds = boundsOf(spec, deployed, scaling)
    const { min } = bounds
    const state = children.stateOf(object.metadata, deployed.child)
    const isBound = scaling.by !== 'knative' && spec.lifecycle?.desiredPhase !== 'Paused'
    return {
      step: deployed.step,
      state: state && isBound ? atLeast(min, state) : state,
      note: noteOf(deployed, bounds)
    }
  })
}

/** The same of the entries of their traffic. */
export function canariesOf(
  { children, scaling }: DeployedDeps,
  object: PipelineObject,
  { served }: Memory
): readonly CanaryState[] {
  return deployedSteps(object.metadata.name, writtenSpec(object) ?? {}).flatMap(({ step, tag, child }) => {
    if (tag === undefined) return []
    const state = children.stateOf(object.metadata, child)
    // Knative gives it an address by itself.
    const isServed = served.has(child) || (scaling.by === 'knative' && state?.wasReady === true)
    return [{ step, tag, state, isServed }]
  })
}

const noteOf = ({ step }: DeployedStep, { isRaised }: Bounds): string | undefined =>
  isRaised
    ? `the step "${step}" always has one replica, since min: 0 needs Knative, or KEDA with --prometheus-url`
    : undefined

/**
 * A step that may be at zero is ready without a replica, as its calls are held, unless none can be started. Any other that was
 * at zero for a pause is ready again when something of it runs.
 */
const atLeast = (min: number, state: ChildState): ChildState => ({
  ...state,
  desired: Math.max(state.desired, min),
  wasReady: min === 0 ? state.wasReady || state.fault === undefined : state.wasReady && state.ready > 0
})
