import { deployedSteps } from '../deployed-steps.ts'
import { autoscaler } from './autoscaler.ts'
import { boundsOf } from './bounds.ts'
import type { Child, ChildPlace, DesiredOptions, ParentObject } from './child.ts'
import { deployment, service } from './deployment.ts'
import { knativeService } from './knative-service.ts'
import { scaledObject } from './scaled-object.ts'

/** Everything that is deployed for a pipeline. */
export const desiredChildren = (parent: ParentObject, options: DesiredOptions): readonly Child[] =>
  deployedSteps(parent.metadata.name, parent.spec).flatMap(deployed => childrenOf({ ...options, parent, deployed }))

function childrenOf(place: ChildPlace): readonly Child[] {
  const isPaused = place.desiredPhase === 'Paused'
  // Knative has no words for "no replicas": max-scale 0 is no limit, and a lower min-scale is a new revision, which is
  // started first. So a pause takes the Knative Service away.
  if (place.scaling.by === 'knative') return isPaused ? [] : [knativeService(place)]
  return [deployment(place), ...(isServed(place) ? [service(place)] : []), ...scalerOf(place, isPaused)]
}

/** A canary has no address before it was ready, so that nobody calls it, and its share goes to the others. */
const isServed = ({ deployed: { tag, child }, served }: ChildPlace): boolean => tag === undefined || served.has(child)

/** Where there is nothing to choose nobody scales; in a pause KEDA has to be told, and an autoscaler to go. */
function scalerOf(place: ChildPlace, isPaused: boolean): readonly Child[] {
  const { scaling, parent, deployed } = place
  const bounds = boundsOf(parent.spec, deployed, scaling)
  if (bounds.min === bounds.max) return []
  if (scaling.by === 'keda') return [scaledObject(place, scaling.prometheusUrl, bounds)]
  return isPaused ? [] : [autoscaler(place, bounds)]
}
