import { needsOf } from './needs.ts'
import { otherKind } from './one-pipeline.ts'
import { definitionKey, pipelineKey, type ParsedPipeline } from './parsed-pipeline.ts'
import type { DefinitionKind } from './spec/serving-pipeline.ts'

/** Those that others need, or take their steps from, before these; else in the order given. */
export function inOrderOfNeed(pipelines: readonly ParsedPipeline[]): readonly ParsedPipeline[] {
  const byKey = new Map(pipelines.map(each => [definitionKey(each.definition.kind, pipelineKey(each)), each]))
  const find = (kind: DefinitionKind, pipeline: string) => byKey.get(definitionKey(kind, pipeline))
  const ordered = new Set<ParsedPipeline>()
  const visited = new Set<ParsedPipeline>()
  const add = (parsed: ParsedPipeline): void => {
    if (visited.has(parsed)) return
    visited.add(parsed)
    const { kind, spec } = parsed.definition
    const lender = spec.steps === undefined ? find(otherKind(kind), pipelineKey(parsed)) : undefined
    if (lender !== undefined) add(lender)
    for (const needed of needsOf(spec, parsed.namespace)) {
      for (const found of [find('ServingPipeline', needed), find('Pipeline', needed)]) {
        if (found !== undefined) add(found)
      }
    }
    ordered.add(parsed)
  }
  pipelines.forEach(add)
  return [...ordered]
}
