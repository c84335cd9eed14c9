import { needsOf } from './needs.ts'
import { pipelineKey, type ParsedPipeline } from './parsed-pipeline.ts'

/** Those that others need before these, else in the order given. */
export function inOrderOfNeed(pipelines: readonly ParsedPipeline[]): readonly ParsedPipeline[] {
  const byName = new Map(pipelines.map(each => [pipelineKey(each), each]))
  const ordered = new Set<ParsedPipeline>()
  const visited = new Set<ParsedPipeline>()
  const add = (parsed: ParsedPipeline): void => {
    if (visited.has(parsed)) return
    visited.add(parsed)
    for (const needed of needsOf(parsed.definition.spec, parsed.namespace)) {
      const found = byName.get(needed)
      if (found !== undefined) add(found)
    }
    ordered.add(parsed)
  }
  pipelines.forEach(add)
  return [...ordered]
}
