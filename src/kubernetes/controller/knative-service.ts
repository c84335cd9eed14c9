import { defaults } from '../../pipeline/defaults.ts'
import { durationMs } from '../../pipeline/duration.ts'
import { resources } from '../resources.ts'
import { boundsOf, targetOf } from './bounds.ts'
import { managedBy } from '../child-labels.ts'
import { childOf, selectorOf, type Child, type ChildPlace } from './child.ts'
import { containerOf } from './container-of.ts'
import { podOf } from './pod-of.ts'

/** Knative sets it by itself, and refuses a container that does. */
const reserved = 'PORT'
/** The shortest and the longest window that Knative accepts, in seconds. */
const window = { least: 6, most: 3600 }
/** The most calls at once for one replica that Knative accepts; 0: as many as come. */
const mostConcurrency = 1000

/** The Knative Service of a step: only the cluster may call it, as the Service of a Deployment. */
export function knativeService(place: ChildPlace): Child {
  const { parent, deployed, scaling } = place
  const { run } = deployed
  const { min, max } = boundsOf(parent.spec, deployed, scaling)
  const container = containerOf(run)
  const env = container.env.filter(({ name }) => name !== reserved)
  const annotations = {
    'autoscaling.knative.dev/min-scale': String(min),
    'autoscaling.knative.dev/max-scale': String(max),
    'autoscaling.knative.dev/target': String(targetOf(parent.spec, deployed)),
    'autoscaling.knative.dev/window': windowOf(place)
  }
  const spec = {
    template: {
      // Its revisions have these labels too.
      metadata: { labels: { ...managedBy, ...selectorOf(place) }, annotations },
      spec: {
        ...podOf(run, { ...container, env }),
        containerConcurrency: Math.min(mostConcurrency, run.concurrency ?? 0)
      }
    }
  }
  return childOf(resources.knativeServices, place, spec, {
    labels: { 'networking.knative.dev/visibility': 'cluster-local' }
  })
}

function windowOf({ parent, deployed }: ChildPlace): string {
  const idle = deployed.run.idle ?? parent.spec.scale?.idle ?? defaults.scale.idle
  const seconds = Math.round(durationMs(idle) / 1000)
  return `${Math.min(window.most, Math.max(window.least, seconds))}s`
}
