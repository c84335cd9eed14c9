import { onePipeline, type OnePipeline, type Written } from '../../pipeline/one-pipeline.ts'
import type { ParsedPipeline } from '../../pipeline/parsed-pipeline.ts'
import { isMapping } from '../../pipeline/spec/rule.ts'
import type { DefinitionKind } from '../../pipeline/spec/serving-pipeline.ts'
import type { PipelineObject, SeenPipeline } from './seen-pipeline.ts'

/** An object, and that of the other kind and the same name, which is one pipeline with it. */
export interface PipelinePair {
  readonly kind: DefinitionKind
  readonly own: SeenPipeline
  /** `undefined`: there is none, or it is being deleted. */
  readonly partner: SeenPipeline | undefined
  /** The definitions that had no faults last. */
  readonly good: { readonly own: ParsedPipeline | undefined; readonly partner: ParsedPipeline | undefined }
}

/** The object whose lifecycle counts, and whose steps are deployed: the ServingPipeline. */
export const leadOf = ({ kind, own, partner }: PipelinePair): SeenPipeline =>
  kind === 'Pipeline' && partner !== undefined ? partner : own

/** The pipeline that the two definitions make; `undefined`: none of them was good. */
export function oneOf({ kind, good }: PipelinePair): OnePipeline | undefined {
  const [own, partner] = [writtenAs(good.own), writtenAs(good.partner)]
  const [serving, sourced] = kind === 'Pipeline' ? [partner, own] : [own, partner]
  return onePipeline({ serving, sourced, last: {} })
}

/** The fields that the ServingPipeline took; those of a Pipeline that is gone are known by the status alone. */
export function takenBy({ kind, own, partner }: PipelinePair, one: OnePipeline | undefined): readonly string[] {
  if (partner !== undefined || kind === 'Pipeline') return one?.taken ?? []
  return (own.object.status?.taken ?? []).filter(path => !isWritten(own.object, path))
}

const writtenAs = (parsed: ParsedPipeline | undefined): Written | undefined => parsed && { parsed, baseDir: '/' }

function isWritten({ spec }: PipelineObject, path: string): boolean {
  let value: unknown = spec
  for (const field of path.split('.')) value = isMapping(value) ? value[field] : undefined
  return value !== undefined
}
