import type { Fault } from './fault.ts'
import { needsOf } from './needs.ts'
import { countSteps, cycleFrom, nestedKey, nestingsOf } from './nesting.ts'
import { pipelineKey, type WholePipeline } from './parsed-pipeline.ts'

/** A pipeline that has more steps with those that it nests is a mistake of whatever wrote it. */
const maxSteps = 10_000

/**
 * The fault of each pipeline, in the order given, that closes a cycle with those before it, or nests more than a plan
 * may hold; by `namespace/name`.
 */
export function nestingFaults(pipelines: readonly WholePipeline[]): ReadonlyMap<string, Fault> {
  const known = new Map<string, WholePipeline>()
  const faults = new Map<string, Fault>()
  const nestedBy = (key: string): readonly string[] => {
    const parsed = known.get(key)
    return parsed === undefined ? [] : nestedIn(parsed)
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
  for (const [key, way] of cyclesOfNeed(known)) {
    const parsed = known.get(key)
    if (parsed !== undefined) faults.set(key, dependencyFault(parsed, way))
  }
  return faults
}

const nestedBefore = new WeakMap<WholePipeline, readonly string[]>()

/** Most definitions are the same objects as the last time. */
function nestedIn(parsed: WholePipeline): readonly string[] {
  let nested = nestedBefore.get(parsed)
  if (nested === undefined) {
    nested = [...nestingsOf(parsed.definition.spec, parsed.namespace)].map(({ pipeline }) => pipeline)
    nestedBefore.set(parsed, nested)
  }
  return nested
}

/** Each pipeline that needs itself by way of others, with one such way; those that nest themselves are out already. */
function cyclesOfNeed(known: ReadonlyMap<string, WholePipeline>): ReadonlyMap<string, readonly string[]> {
  const depends = [...known.values()].some(({ definition }) => (definition.spec.dependsOn?.length ?? 0) > 0)
  if (!depends) return new Map()
  const needs = new Map(
    [...known].map(([key, { definition, namespace }]) => [key, needsOf(definition.spec, namespace)])
  )
  const neededBy = (key: string): Iterable<string> => needs.get(key) ?? []
  const ways = [...known.keys()].flatMap((key): [string, readonly string[]][] => {
    const way = needs.get(key)?.size === 0 ? undefined : cycleFrom(key, neededBy)
    return way === undefined ? [] : [[key, way]]
  })
  return new Map(ways)
}

/** At the field that names the next one on the way. */
function dependencyFault(parsed: WholePipeline, way: readonly string[]): Fault {
  const { file, line, column, definition, namespace } = parsed
  const at = (definition.spec.dependsOn ?? []).findIndex(written => nestedKey(written, namespace) === way[1])
  const fault = faultOf(parsed, 'CYCLE', `it needs itself: ${way.join(' → ')}`)
  return at < 0 ? fault : { ...fault, file, line, column, path: `spec.dependsOn[${at}]` }
}

function faultOf(parsed: WholePipeline, code: Fault['code'], message: string): Fault {
  const { definition, namespace } = parsed
  const { file, line, column } = parsed.stepsOf ?? parsed
  const [nesting] = nestingsOf(definition.spec, namespace)
  const path = (nesting?.path ?? []).reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    'spec'
  )
  const pipeline = pipelineKey(parsed)
  return { file, line, column, path, pipeline, kind: definition.kind, code, message, hint: undefined }
}
