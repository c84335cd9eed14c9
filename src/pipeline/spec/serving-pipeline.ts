import * as z from 'zod'
import { expected } from './expected.ts'
import { metadataSpec } from './metadata-spec.ts'
import { pipelineSpec, sourcedSpec, type PipelineSpec } from './pipeline-spec.ts'

/** A document as a person writes it: the one source of its type, its validation and its JSON Schema. */
export const servingPipeline = z
  .strictObject({
    apiVersion: z
      .literal('sluice.dev/v1alpha1', { error: expected('sluice.dev/v1alpha1') })
      .describe('The version of this resource.'),
    kind: z.literal('ServingPipeline', { error: expected('ServingPipeline') }).describe('The kind of this resource.'),
    metadata: metadataSpec,
    spec: pipelineSpec,
    status: z.unknown().optional().describe('Written by Sluice; ignored in a definition.')
  })
  .meta({
    title: 'ServingPipeline',
    description: 'An ordered chain of model endpoints: POST to /{namespace}/{name}, get the answer.'
  })

/** A pipeline that reads and writes by itself, as a person writes it. */
export const sourcedPipeline = z
  .strictObject({
    ...servingPipeline.shape,
    kind: z.literal('Pipeline', { error: expected('Pipeline') }).describe('The kind of this resource.'),
    spec: sourcedSpec
  })
  .meta({ title: 'Pipeline', description: 'Steps between sources and sinks, without a serving ingress.' })

type Sourced = z.infer<typeof sourcedPipeline>

/** Which of the two a definition is: a pipeline may have one of each. */
export type DefinitionKind = 'ServingPipeline' | 'Pipeline'

/**
 * A definition of either kind, as it was written; a ServingPipeline has neither sources nor sinks, and a Pipeline no
 * reply. One of them may leave its steps to the other.
 */
export type WrittenPipeline = Omit<z.infer<typeof servingPipeline>, 'kind' | 'spec'> & {
  readonly kind: DefinitionKind
  readonly spec: PipelineSpec & Pick<Sourced['spec'], 'sources' | 'sinks'>
}

/** A definition that is whole: one that has steps, or both of a name together. */
export type ServingPipeline = Omit<WrittenPipeline, 'spec'> & {
  readonly spec: WrittenPipeline['spec'] & WithSteps
}

interface WithSteps {
  readonly steps: NonNullable<PipelineSpec['steps']>
}
