import type { Fault } from '../pipeline/fault.ts'
import { needsOf } from '../pipeline/needs.ts'
import { nestingFaults } from '../pipeline/nesting-faults.ts'
import { onePipeline, otherKind } from '../pipeline/one-pipeline.ts'
import { pipelineKey, type ParsedPipeline, type WholePipeline } from '../pipeline/parsed-pipeline.ts'
import type { Controlled } from './controlled.ts'

/** The pipelines whose definitions need this one. */
export const neededBy = (pipeline: string, entries: readonly Controlled[]): readonly string[] =>
  entries
    .filter(({ deleted, joined }) => {
      const { definition, namespace = '' } = joined.definition ?? {}
      return !deleted && definition !== undefined && needsOf(definition.spec, namespace).has(pipeline)
    })
    .map(entry => entry.pipeline)
    .filter(other => other !== pipeline)

/** The faults that a definition would have beside that of the other kind, and among those that there are. */
export function faultsBeside(
  entry: Controlled | undefined,
  parsed: ParsedPipeline,
  entries: readonly Controlled[]
): readonly Fault[] {
  const { kind } = parsed.definition
  const isThere = entry?.deleted === false
  const other = isThere ? entry.halves.get(otherKind(kind))?.claim : undefined
  const own = { parsed, baseDir: '' }
  const partner = other?.definition && { parsed: other.definition, baseDir: '' }
  const [serving, sourced] = kind === 'Pipeline' ? [partner, own] : [own, partner]
  const one = onePipeline({ serving, sourced, last: isThere ? entry.joined.of.last : {} })
  const cycle = one?.whole && cycleFault(one.whole, entries)
  return [...(one?.faults ?? []), ...(cycle === undefined ? [] : [cycle])]
}

/** The fault of a definition that would close a cycle with those that there are; `undefined`: it does not. */
function cycleFault(whole: WholePipeline, entries: readonly Controlled[]): Fault | undefined {
  const pipeline = pipelineKey(whole)
  if (needsOf(whole.definition.spec, whole.namespace).size === 0) return undefined
  const others = entries.flatMap(entry =>
    entry.deleted || entry.pipeline === pipeline ? [] : (entry.joined.definition ?? [])
  )
  const own = { ...whole, file: 'body', line: 1, column: 1 }
  return nestingFaults([...others, own]).get(pipeline)
}
