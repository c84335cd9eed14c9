import type { ObjectMeta, OwnerReference } from '../client/object.ts'
import { apiVersionOf } from '../client/resource.ts'
import { managedBy, pipelineLabel } from '../child-labels.ts'
import { resources } from '../resources.ts'

const { servingPipelines, pipelines } = resources
const managerLabel = 'app.kubernetes.io/managed-by' satisfies keyof typeof managedBy

/**
 * The owner of an object that has the name of a child, as the rest of a sentence about it; `undefined`: it is this pipeline, which
 * may take it up. Its own uid says so; the name does in an owner that went before it or is of the other kind, which is one
 * pipeline with it; and the labels do where nobody owns the object any more, since a person wanted to keep it.
 */
export function otherOwnerOf(
  { ownerReferences = [], labels = {} }: ObjectMeta,
  parent: ObjectMeta
): string | undefined {
  if (ownerReferences.some(({ uid }) => uid === parent.uid)) return undefined
  const owner = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0]
  if (owner !== undefined) return isOf(parent, owner) ? undefined : `belongs to the ${owner.kind} ${owner.name}`
  if (labels[managerLabel] !== managedBy[managerLabel]) return 'was not made by Sluice'
  const pipeline = labels[pipelineLabel]
  return pipeline === parent.name ? undefined : `was made for the pipeline ${pipeline ?? 'of no name'}`
}

/** The places, in the list of owners, of those that were this pipeline before, or are its other kind: the last ones first. */
export const formerOwnersOf = ({ ownerReferences = [] }: ObjectMeta, parent: ObjectMeta): readonly number[] =>
  ownerReferences
    .flatMap((owner, place) => (owner.uid !== parent.uid && isOf(parent, owner) ? [place] : []))
    .toReversed()

const isOf = (parent: ObjectMeta, { apiVersion, kind, name }: OwnerReference): boolean =>
  name === parent.name &&
  [servingPipelines, pipelines].some(each => each.kind === kind && apiVersionOf(each) === apiVersion)
