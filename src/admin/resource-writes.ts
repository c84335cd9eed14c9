import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'

/** Changes of pipelines, each of the kind that is named. All reject with a SluiceError whose code says why. */
export interface ResourceWrites {
  /** `version`: the one that the change was made from; `undefined`: it applies to whatever is there. */
  put(
    pipeline: string,
    kind: DefinitionKind,
    text: string,
    version: string | undefined,
    dryRun: boolean
  ): Promise<{ readonly created: boolean }>
  patch(
    pipeline: string,
    kind: DefinitionKind,
    text: string,
    version: string | undefined,
    dryRun: boolean
  ): Promise<unknown>
  remove(
    pipeline: string,
    kind: DefinitionKind,
    version: string | undefined,
    options: { readonly force: boolean; readonly cancelling: boolean }
  ): Promise<void>
}
