import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import type { ObjectMeta } from '../client/object.ts'
import { deployedSteps, type DeployedStep } from '../deployed-steps.ts'
import { resources } from '../resources.ts'
import { boundsOf } from './bounds.ts'
import type { ChildState } from './child-state.ts'
import type { Children } from './children.ts'
import { desiredChildren } from './desired-children.ts'
import { mayFormerGo } from './former-children.ts'
import type { Reports } from './gateway-report.ts'
import type { Memory } from './pipeline-memory.ts'
import type { Refusal } from './refusal.ts'
import { isWorkload, type Needs } from './remove-children.ts'
import type { Scaling } from './scaling.ts'

export interface DeployDeps {
  readonly children: Children
  readonly scaling: Scaling
  readonly reports: () => Reports
}

/** A pipeline whose steps are deployed. */
export interface DeployedPipeline {
  readonly key: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec: PipelineSpec
  /** With a pause that has been drained, `Paused`. */
  readonly phase: 'Running' | 'Paused'
  readonly memory: Memory
}

/** Nobody scales what a former definition had: what still calls it gets fewer. */
const formerBounds = { Running: { min: 1, max: Infinity }, Paused: { min: 0, max: 0 } } as const

/** Has what the definition wants run, and what only requests of former definitions need. Answers what was refused. */
export async function deploy(deps: DeployDeps, pipeline: DeployedPipeline): Promise<readonly Refusal[]> {
  const { children, scaling, reports } = deps
  const { key, kind, metadata, spec, phase, memory } = pipeline
  const { uid = '', generation = 0 } = metadata
  const steps = deployedSteps(metadata.name, spec)
  if (phase === 'Paused') memory.served.clear()
  else followServed(memory, steps, child => children.stateOf(metadata, child))
  const wanted = desiredChildren({ kind, metadata, spec }, { desiredPhase: phase, scaling, served: memory.served })
  const former = children.othersOf(uid, new Set(steps.map(({ child }) => child)))
  const graceSeconds = spec.lifecycle?.pauseGracePeriodSeconds
  const mayGo = mayFormerGo(memory, { key, generation, former, graceSeconds, reports: reports() })
  const refused = [
    ...(await children.make(metadata, wanted, needsOf(steps, mayGo, phase === 'Running' && scaling.by !== 'knative')))
  ]
  const scale = async (child: string, bounds: { readonly min: number; readonly max: number }): Promise<void> =>
    void refused.push(...(await children.scale(metadata, child, bounds)))
  if (!mayGo) for (const child of former) await scale(child, formerBounds[phase])
  for (const deployed of steps)
    await scale(deployed.child, phase === 'Paused' ? formerBounds.Paused : boundsOf(spec, deployed, scaling))
  return refused
}

/**
 * Children of former definitions stay while requests of them may be open. The Service of a canary that runs stays too: this
 * process may not have seen that it was ready.
 */
function needsOf(steps: readonly DeployedStep[], mayGo: boolean, keepsServices: boolean): Needs {
  const tags = new Map(steps.map(({ child, tag }) => [child, tag]))
  return (resource, name) =>
    (!mayGo && isWorkload(resource) && !tags.has(name)) ||
    (keepsServices && resource === resources.services && tags.get(name) !== undefined)
}

/** A canary that was ready once has an address until the next pause, whatever becomes of it: its failures are judged. */
function followServed(
  { served }: Memory,
  steps: readonly DeployedStep[],
  stateOf: (child: string) => ChildState | undefined
): void {
  const children = new Set(steps.map(({ child }) => child))
  for (const child of served) if (!children.has(child)) served.delete(child)
  for (const { tag, child } of steps) if (tag !== undefined && (stateOf(child)?.ready ?? 0) > 0) served.add(child)
}
