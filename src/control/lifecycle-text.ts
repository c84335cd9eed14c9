import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'

/** The lifecycle that a definition has itself, so that a change of it can be seen. */
export const lifecycleText = (definition: WrittenPipeline | undefined): string =>
  JSON.stringify(definition?.spec.lifecycle ?? {})
