import type { Resource } from './client/resource.ts'

/** The kinds of objects that Sluice reads or writes by itself. */
export const resources = {
  servingPipelines: { group: 'sluice.dev', version: 'v1alpha1', plural: 'servingpipelines', kind: 'ServingPipeline' },
  pipelines: { group: 'sluice.dev', version: 'v1alpha1', plural: 'pipelines', kind: 'Pipeline' },
  secrets: { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
  services: { group: '', version: 'v1', plural: 'services', kind: 'Service' },
  endpointSlices: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', kind: 'EndpointSlice' },
  events: { group: '', version: 'v1', plural: 'events', kind: 'Event' },
  deployments: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  autoscalers: {
    group: 'autoscaling',
    version: 'v2',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler'
  },
  scaledObjects: { group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects', kind: 'ScaledObject' },
  knativeServices: { group: 'serving.knative.dev', version: 'v1', plural: 'services', kind: 'Service' },
  knativeRevisions: { group: 'serving.knative.dev', version: 'v1', plural: 'revisions', kind: 'Revision' }
} as const satisfies Record<string, Resource>
