import { resources } from '../resources.ts'
import type { Bounds } from './bounds.ts'
import { childOf, type Child, type ChildPlace } from './child.ts'

/** The HorizontalPodAutoscaler of a Deployment. */
export const autoscaler = (place: ChildPlace, { min, max }: Bounds): Child =>
  childOf(resources.autoscalers, place, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: place.deployed.child },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
  })
