import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'

/** A pipeline as it is shown; no more is known of it here. */
export interface ShownResource {
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string; readonly resourceVersion: string }
  readonly status: unknown
}

export interface ShownFilter {
  readonly kind: DefinitionKind
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** The pipelines that there are. */
export interface ResourceReads {
  /** `namespace/name`. */
  get(pipeline: string, kind: DefinitionKind): Promise<ShownResource | undefined>
  /** In the order of their names. */
  list(filter: ShownFilter, after: string | undefined, limit: number): Promise<readonly ShownResource[]>
  /** `undefined`: there was no change for so many milliseconds. */
  watch(
    filter: ShownFilter,
    options: { readonly changesOnly: boolean; readonly quietMs: number; readonly signal: AbortSignal }
  ): AsyncIterable<{ readonly type: string; readonly object: ShownResource } | undefined>
}
