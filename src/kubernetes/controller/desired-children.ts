import { defaults } from '../../pipeline/defaults.ts'
import { durationMs } from '../../pipeline/duration.ts'
import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import type { KubernetesObject, ObjectMeta } from '../client/object.ts'
import { apiVersionOf, type Resource } from '../client/resource.ts'
import { deployedSteps, type DeployedStep } from '../deployed-steps.ts'
import { resources } from '../resources.ts'
import { managedBy, pipelineLabel, stepLabel } from './child-labels.ts'
import { containerOf } from './container-of.ts'

/** An object that a pipeline owns. */
export interface Child {
  readonly resource: Resource
  readonly object: KubernetesObject
}

/** How many replicas something may have. */
export interface Bounds {
  readonly min: number
  readonly max: number
  /** Fewer were wanted than is possible. */
  readonly isRaised: boolean
}

export interface ParentObject extends KubernetesObject {
  readonly kind: string
  readonly spec: PipelineSpec
}

export interface DesiredOptions {
  readonly desiredPhase: 'Running' | 'Paused'
  /** serving.knative.dev is there. */
  readonly knative: boolean
}

/** Everything that is deployed for a pipeline. */
export function desiredChildren(parent: ParentObject, options: DesiredOptions): readonly Child[] {
  return deployedSteps(parent.metadata.name, parent.spec).flatMap(deployed => {
    if (options.knative) return [knativeService(parent, deployed, options)]
    const bounds = boundsOf(parent.spec, deployed, false)
    const scales = bounds.max > bounds.min && options.desiredPhase === 'Running'
    return [
      deployment(parent, deployed, options),
      service(parent, deployed, options),
      ...(scales ? [autoscaler(parent, deployed, bounds, options)] : [])
    ]
  })
}

/** Without Knative something has to run for the first request to come to. */
export function boundsOf({ scale = {} }: PipelineSpec, { run }: DeployedStep, toZero: boolean): Bounds {
  const min = run.min ?? scale.min ?? defaults.scale.min
  const max = run.max ?? Math.max(scale.max ?? defaults.scale.max, min)
  const floor = toZero ? min : Math.max(1, min)
  return { min: Math.min(floor, max), max, isRaised: floor > min }
}

function deployment(parent: ParentObject, deployed: DeployedStep, options: DesiredOptions): Child {
  const labels = selectorOf(parent, deployed)
  return childOf(resources.deployments, parent, deployed, options, {
    selector: { matchLabels: labels },
    // A new image stands beside the old one before that goes.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: { metadata: { labels: { ...labels, ...managedBy } }, spec: podOf(deployed) }
  })
}

const podOf = ({ run }: DeployedStep) => ({
  enableServiceLinks: false,
  automountServiceAccountToken: false,
  containers: [containerOf(run)],
  ...(run.nodeSelector !== undefined && { nodeSelector: run.nodeSelector }),
  ...(run.tolerations !== undefined && { tolerations: run.tolerations })
})

function service(parent: ParentObject, deployed: DeployedStep, options: DesiredOptions): Child {
  return childOf(resources.services, parent, deployed, options, {
    selector: selectorOf(parent, deployed),
    ports: [{ name: 'http', port: 80, targetPort: deployed.run.port ?? defaults.containerPort }]
  })
}

function autoscaler(
  parent: ParentObject,
  deployed: DeployedStep,
  { min, max }: Bounds,
  options: DesiredOptions
): Child {
  return childOf(resources.autoscalers, parent, deployed, options, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployed.child },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
  })
}

function knativeService(parent: ParentObject, deployed: DeployedStep, options: DesiredOptions): Child {
  const { run } = deployed
  const { min, max } = boundsOf(parent.spec, deployed, true)
  const target = parent.spec.scale?.target ?? defaults.scale.target
  const annotations = {
    'autoscaling.knative.dev/min-scale': String(options.desiredPhase === 'Paused' ? 0 : min),
    'autoscaling.knative.dev/max-scale': String(max),
    'autoscaling.knative.dev/target': String(Math.min(target, run.concurrency ?? Infinity)),
    'autoscaling.knative.dev/window': `${Math.min(3600, Math.max(6, Math.round(durationMs(run.idle ?? parent.spec.scale?.idle ?? defaults.scale.idle) / 1000)))}s`
  }
  return childOf(resources.knativeServices, parent, deployed, options, {
    template: {
      metadata: { annotations },
      spec: { ...podOf(deployed), containerConcurrency: run.concurrency ?? 0 }
    }
  })
}

const selectorOf = ({ metadata: { name } }: ParentObject, { step }: DeployedStep) => ({
  [pipelineLabel]: name,
  [stepLabel]: step
})

function childOf(
  resource: Resource,
  parent: ParentObject,
  deployed: DeployedStep,
  { desiredPhase }: DesiredOptions,
  spec: unknown
): Child {
  const { kind, metadata: parentMeta } = parent
  const { name, namespace, uid = '' } = parentMeta
  const owner = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true
  }
  const metadata: ObjectMeta = {
    name: deployed.child,
    ...(namespace !== undefined && { namespace }),
    labels: { ...managedBy, ...selectorOf(parent, deployed) },
    annotations: { 'sluice.dev/desired-phase': desiredPhase },
    ownerReferences: [owner]
  }
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, spec }
  return { resource, object }
}
