import type { Fault } from './fault.ts'
import { countSteps, cycleFrom, nestingsOf } from './nesting.ts'
import { pipelineKey, type ParsedPipeline } from './parsed-pipeline.ts'

/** A pipeline that has more steps with those that it nests is a mistake of whatever wrote it. */
const maxSteps = 10_000

/**
 * The fault of each pipeline, in the order given, that closes a cycle with those before it, or nests more than a plan
 * may hold; by `namespace/name`.
 */
export function nestingFaults(pipelines: readonly ParsedPipeline[]): ReadonlyMap<string, Fault> {
  const known = new Map<string, ParsedPipeline>()
  const faults = new Map<string, Fault>()
  const nestedBy = (key: string): string[] => {
    const parsed = known.get(key)
    return parsed === undefined
      ? []
      : [...nestingsOf(parsed.definition.spec, parsed.namespace)].map(nested => nested.pipeline)
  }
  for (const parsed of pipelines) {
    const key = pipelineKey(parsed)
    known.set(key, parsed)
    const cycle = nestedBy(key).length === 0 ? undefined : cycleFrom(key, nestedBy)
    if (cycle === undefined) continue
    known.delete(key)
    faults.set(key, faultOf(parsed, 'CYCLE', `it nests itself: ${cycle.join(' → ')}`))
  }
  const find = (key: string) => {
    const parsed = known.get(key)
    return parsed && { spec: parsed.definition.spec, baseDir: '' }
  }
  for (const [key, parsed] of known) {
    if (nestedBy(key).length === 0) continue
    const { namespace, definition } = parsed
    if (countSteps(definition.spec.steps, namespace, find, maxSteps) <= maxSteps) continue
    faults.set(
      key,
      faultOf(parsed, 'LIMIT', `it has more than ${maxSteps} steps with those of the pipelines that it nests`)
    )
  }
  return faults
}

function faultOf(parsed: ParsedPipeline, code: Fault['code'], message: string): Fault {
  const { file, line, column, definition, namespace } = parsed
  const [nesting] = nestingsOf(definition.spec, namespace)
  const path = (nesting?.path ?? []).reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    'spec'
  )
  return { file, line, column, path, pipeline: pipelineKey(parsed), code, message, hint: undefined }
}
