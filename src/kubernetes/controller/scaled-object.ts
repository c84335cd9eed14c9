import { defaults } from '../../pipeline/defaults.ts'
import { durationMs } from '../../pipeline/duration.ts'
import type { ObjectMeta } from '../client/object.ts'
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
    query: loadOf(parent.metadata),
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
 * Requests that wait, and those in flight: without the latter, one that runs for longer than `idle` would lose its step.
 * One gateway tells of the queue of a store, and each of the calls that it holds itself.
 */
function loadOf({ namespace = 'default', name }: ObjectMeta): string {
  const of = `{pipeline="${namespace}/${name}"}`
  return `(sum(sluice_pending${of}) or vector(0)) + (sum(sluice_inflight${of}) or vector(0))`
}
