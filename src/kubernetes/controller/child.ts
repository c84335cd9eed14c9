import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import { objectKey, type KubernetesObject, type ObjectMeta } from '../client/object.ts'
import { apiVersionOf, type Resource } from '../client/resource.ts'
import type { DeployedStep } from '../deployed-steps.ts'
import { canaryLabel, canaryOfLabel, managedBy, pipelineLabel, stepLabel, tagLabel } from '../child-labels.ts'
import type { Scaling } from './scaling.ts'

/** An object that a pipeline owns. */
export interface Child {
  readonly resource: Resource
  readonly object: KubernetesObject
}

export interface ParentObject extends KubernetesObject {
  readonly kind: string
  readonly spec: PipelineSpec
}

export interface DesiredOptions {
  /** The phase of the children: with a pause that has been drained, `Paused`. */
  readonly desiredPhase: 'Running' | 'Paused'
  readonly scaling: Scaling
  /** The names of those for entries of traffic that were ready once. */
  readonly served: ReadonlySet<string>
}

/** The step of a pipeline, for which a child is made. */
export interface ChildPlace extends DesiredOptions {
  readonly parent: ParentObject
  readonly deployed: DeployedStep
}

/** Unlike that of any other child. */
export const childKey = ({ group, plural }: Resource, object: KubernetesObject): string =>
  `${plural}.${group} ${objectKey(object)}`

/** Pods of a canary must not be taken for those of its step, nor for those of the canary before it. */
export const selectorOf = ({
  parent,
  deployed: { step, tag, child }
}: ChildPlace): Readonly<Record<string, string>> => ({
  [pipelineLabel]: parent.metadata.name,
  ...(tag === undefined ? { [stepLabel]: step } : { [canaryLabel]: child, [canaryOfLabel]: step, [tagLabel]: tag })
})

/** Labels and annotations beside those of all children. */
type OwnMeta = Pick<ObjectMeta, 'labels' | 'annotations'>

export function childOf(resource: Resource, place: ChildPlace, spec: unknown, own: OwnMeta = {}): Child {
  const { parent, deployed, desiredPhase } = place
  const { name, namespace, uid = '' } = parent.metadata
  const owner = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: parent.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true
  }
  const metadata: ObjectMeta = {
    name: deployed.child,
    ...(namespace !== undefined && { namespace }),
    labels: { ...managedBy, ...selectorOf(place), ...own.labels },
    annotations: { 'sluice.dev/desired-phase': desiredPhase, ...own.annotations },
    ownerReferences: [owner]
  }
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, spec }
  return { resource, object }
}
