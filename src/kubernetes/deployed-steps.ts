import { canaryRef } from '../pipeline/canary-ref.ts'
import { isMapping, type Fields } from '../pipeline/spec/rule.ts'
import type { RunSpec } from '../pipeline/spec/process-spec.ts'
import type { PipelineSpec } from '../pipeline/spec/pipeline-spec.ts'
import { eachStep } from '../pipeline/spec/each-step.ts'
import { stepNames } from '../pipeline/spec/step-name.ts'
import { canaryName, childName } from './child-name.ts'
import { canaryRun } from './canary-run.ts'

/** An image that Sluice deploys: that of a step, or of an entry of its traffic. */
export interface DeployedStep {
  readonly step: string
  /** Of the entry; `undefined`: it is the step's own. */
  readonly tag: string | undefined
  /** As it is deployed. */
  readonly run: RunSpec
  /** As it stands in the definition. */
  readonly written: Fields
  /** The name of its Service, and of what runs behind it. */
  readonly child: string
}

/** All that is deployed for the steps of a pipeline, at any depth: for each step its own image, then those of its traffic. */
export function deployedSteps(pipeline: string, { steps }: PipelineSpec): readonly DeployedStep[] {
  const names = stepNames(steps ?? [])
  return [...eachStep(steps, [])].flatMap(({ step }) => {
    const { run } = step
    const name = names.get(step)
    if (!isMapping(run) || run['image'] === undefined || name === undefined) return []
    const own = { step: name, tag: undefined, run, written: run, child: childName(pipeline, name) }
    return [own, ...canariesOf(pipeline, name, run, step['traffic'])]
  })
}

function canariesOf(pipeline: string, step: string, own: RunSpec, traffic: unknown): readonly DeployedStep[] {
  const entries = Array.isArray(traffic) ? traffic.filter(isMapping) : []
  return entries.flatMap(({ run: written, tag }) => {
    if (!isMapping(written) || typeof tag !== 'string') return []
    const run = canaryRun(own, written)
    return [{ step, tag, run, written, child: canaryName(pipeline, step, tag, run) }]
  })
}

/** The spec as a gateway serves it: what is deployed is called by the name of its Service. */
export function withServices<Spec extends PipelineSpec>(pipeline: string, spec: Spec): Spec {
  const refs = new Map(
    deployedSteps(pipeline, spec).map(({ written, tag, child }) => [
      written as unknown,
      tag === undefined ? { apiVersion: 'v1', kind: 'Service', name: child } : canaryRef(child)
    ])
  )
  if (refs.size === 0) return spec
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- steps and entries with a ref in place of their run
  return changed(spec, refs) as Spec
}

function changed(value: unknown, refs: ReadonlyMap<unknown, Fields>): unknown {
  if (Array.isArray(value)) return value.map(each => changed(each, refs))
  if (!isMapping(value)) return value
  const ref = refs.get(value['run'])
  const { run: _run, ...rest }: Fields = value
  const own = ref === undefined ? value : { ...rest, ref }
  return Object.fromEntries(Object.entries(own).map(([key, each]) => [key, changed(each, refs)]))
}
