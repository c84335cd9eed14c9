import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'

/** A kind of resource, and the paths below which those of all namespaces, those of one, and one of them are. */
export interface ResourceKind {
  readonly kind: DefinitionKind
  readonly allPath: string
  readonly namespacePath: string
  readonly onePath: string
}

const base = '/apis/sluice.dev/v1alpha1'

const kindOf = (kind: ResourceKind['kind'], plural: string): ResourceKind => ({
  kind,
  allPath: `${base}/${plural}`,
  namespacePath: `${base}/namespaces/:namespace/${plural}`,
  onePath: `${base}/namespaces/:namespace/${plural}/:name`
})

export const servingPipelines = kindOf('ServingPipeline', 'servingpipelines')

/** Those without a serving ingress. */
export const pipelines = kindOf('Pipeline', 'pipelines')

export const resourceKinds: readonly ResourceKind[] = [servingPipelines, pipelines]
