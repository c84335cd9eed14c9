import { defaults } from '../../pipeline/defaults.ts'
import { durationMs } from '../../pipeline/duration.ts'
import type { ObjectMeta } from '../client/object.ts'
import type { DeployedStep } from '../deployed-steps.ts'
import { resources } from '../resources.ts'
import { targetOf, type Bounds } from './bounds.ts'
import { childOf, type Child, type ChildPlace } from './child.ts'

/** Between two questions, in seconds: so long does a first request wait for more than the start. */
const pollingInterval = 5

/** KEDA's ScaledObject of a Deployment: it scales by the load of the pipeline, and in a pause keeps it at zero. */
export function scaledObject(place: ChildPlace, prometheusUrl: string, { min, max }: Bounds): Child {
  const { parent, deployed, desiredPhase } = place
  const idle = deployed.run.idle ?? parent.spec.scale?.idle ?? defaults.scale.idle
  const trigger = {
    serverAddress: prometheusUrl,
    query: loadOf(parent.metadata, deployed),
    threshold: String(targetOf(parent.spec, deployed)),
    activationThreshold: '0'
  }
  const annotations = desiredPhase === 'Paused' ? { 'autoscaling.keda.sh/paused-replicas': '0' } : {}
  const spec = {
    scaleTargetRef: { name: deployed.child },
    pollingInterval,
    cooldownPeriod: Math.round(durationMs(idle) / 1000),
    minReplicaCount: min,
    maxReplicaCount: max,
    triggers: [{ type: 'prometheus', metadata: trigger }]
  }
  return childOf(resources.scaledObjects, place, spec, { annotations })
}

/**
 * Requests that wait, those that are held for a step of the pipeline among them, and the calls of the step that are under way:
 * without these, one that takes longer than `idle` would lose its step. Nothing is in both. One gateway tells of the queue of
 * a store, and each of the calls that it holds and makes itself, also for those who nest the pipeline.
 */
function loadOf({ namespace = 'default', name }: ObjectMeta, { child, tag }: DeployedStep): string {
  const waiting = `(sum(sluice_pending{pipeline="${namespace}/${name}"}) or vector(0))`
  const underWay = `(sum(sluice_service_calls{service="${namespace}/${child}"}) or vector(0))`
  // A canary gets but a share of what waits, and is there when it comes.
  return tag === undefined ? `${waiting} + ${underWay}` : underWay
}
