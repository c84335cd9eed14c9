import { defaults } from '../../pipeline/defaults.ts'
import { resources } from '../resources.ts'
import { managedBy } from '../child-labels.ts'
import { childOf, selectorOf, type Child, type ChildPlace } from './child.ts'
import { containerOf } from './container-of.ts'
import { podOf } from './pod-of.ts'

/** The Deployment of a step: how many replicas it has is not said here. */
export function deployment(place: ChildPlace): Child {
  const labels = selectorOf(place)
  const { run } = place.deployed
  return childOf(resources.deployments, place, {
    selector: { matchLabels: labels },
    // A new image stands beside the old one before that goes.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: { metadata: { labels: { ...labels, ...managedBy } }, spec: podOf(run, containerOf(run)) }
  })
}

/** The address of a Deployment. */
export const service = (place: ChildPlace): Child =>
  childOf(resources.services, place, {
    selector: selectorOf(place),
    ports: [{ name: 'http', port: 80, targetPort: place.deployed.run.port ?? defaults.containerPort }]
  })
