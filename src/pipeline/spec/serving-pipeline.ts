import * as z from 'zod'
import { expected } from './expected.ts'
import { metadataSpec } from './metadata-spec.ts'
import { pipelineSpec } from './pipeline-spec.ts'

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

export type ServingPipeline = z.infer<typeof servingPipeline>
