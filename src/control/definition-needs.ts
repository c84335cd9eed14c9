import type { Fault } from '../pipeline/fault.ts'
import { needsOf } from '../pipeline/needs.ts'
import { nestingFaults } from '../pipeline/nesting-faults.ts'
import type { ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import type { Controlled } from './controlled.ts'

/** The pipelines whose definitions need this one. */
export const neededBy = (pipeline: string, entries: readonly Controlled[]): readonly string[] =>
  entries
    .filter(({ deleted, claim }) => {
      const { definition, namespace = '' } = claim.definition ?? {}
      return !deleted && definition !== undefined && needsOf(definition.spec, namespace).has(pipeline)
    })
    .map(entry => entry.pipeline)
    .filter(other => other !== pipeline)

/** The fault of a definition that would close a cycle with those that there are; `undefined`: it does not. */
export function cycleFault(definition: ServingPipeline, entries: readonly Controlled[]): Fault | undefined {
  const { name, namespace = '' } = definition.metadata
  const pipeline = `${namespace}/${name}`
  if (needsOf(definition.spec, namespace).size === 0) return undefined
  const others = entries.flatMap(entry =>
    entry.deleted || entry.pipeline === pipeline ? [] : (entry.claim.definition ?? [])
  )
  const own: ParsedPipeline = { file: 'body', line: 1, column: 1, namespace, name, definition }
  return nestingFaults([...others, own]).get(pipeline)
}
