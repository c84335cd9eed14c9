import { isMapping, type Fields } from '../pipeline/spec/rule.ts'
import type { RunSpec } from '../pipeline/spec/process-spec.ts'
import type { PipelineSpec } from '../pipeline/spec/pipeline-spec.ts'
import { eachStep } from '../pipeline/spec/each-step.ts'
import { stepNames } from '../pipeline/spec/step-name.ts'
import { childName } from './child-name.ts'

/** A step whose image Sluice deploys. */
export interface DeployedStep {
  readonly step: string
  readonly run: RunSpec
  /** Of its Service, and of what runs behind it. */
  readonly child: string
}

/** The steps of a pipeline that have an image, at any depth. */
export function deployedSteps(pipeline: string, { steps }: PipelineSpec): readonly DeployedStep[] {
  const names = stepNames(steps ?? [])
  return [...eachStep(steps, [])].flatMap(({ step }) => {
    const { run } = step
    const name = names.get(step)
    if (!isMapping(run) || run['image'] === undefined || name === undefined) return []
    return [{ step: name, run, child: childName(pipeline, name) }]
  })
}

/** The spec as a gateway serves it: what is deployed is called by the name of its Service. */
export function withServices<Spec extends PipelineSpec>(pipeline: string, spec: Spec): Spec {
  const children = new Map(deployedSteps(pipeline, spec).map(({ run, child }) => [run as unknown, child]))
  if (children.size === 0) return spec
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a step with a ref in place of its run
  return changed(spec, children) as Spec
}

function changed(value: unknown, children: ReadonlyMap<unknown, string>): unknown {
  if (Array.isArray(value)) return value.map(each => changed(each, children))
  if (!isMapping(value)) return value
  const name = children.get(value['run'])
  const { run: _run, ...rest }: Fields = value
  const own = name === undefined ? value : { ...rest, ref: { apiVersion: 'v1', kind: 'Service', name } }
  return Object.fromEntries(Object.entries(own).map(([key, each]) => [key, changed(each, children)]))
}
