import type { ReadFile } from '../../control/definition-source.ts'
import type { PipelineSpec } from '../../pipeline/spec/pipeline-spec.ts'
import type { KubernetesObject } from '../client/object.ts'
import { readDefinition } from '../cluster/read-definition.ts'
import type { PipelineStatus } from './pipeline-status.ts'

export interface PipelineObject extends KubernetesObject {
  readonly spec?: unknown
  readonly status?: Partial<PipelineStatus>
}

/** A pipeline as the API server has it, and as its definition was read. */
export interface SeenPipeline {
  readonly object: PipelineObject
  readonly read: ReadFile
}

/** As it was written; what is faulty of it does not matter to those who ask. */
export const writtenSpec = ({ spec }: PipelineObject): PipelineSpec | undefined =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API server has judged its shape
  spec as PipelineSpec | undefined

/** The definition is read again when its generation is another one. */
export function seenPipeline(object: PipelineObject, before: SeenPipeline | undefined, kind: string): SeenPipeline {
  const { uid, generation } = object.metadata
  const known = before?.object.metadata
  const isSame = known?.uid === uid && known?.generation === generation
  return { object, read: isSame && before !== undefined ? before.read : readDefinition(object, kind) }
}
