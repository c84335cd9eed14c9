import { formatFault } from '../../pipeline/fault.ts'
import { pipelineKey } from '../../pipeline/parsed-pipeline.ts'
import type { ReadPipelines } from '../../pipeline/read-pipelines.ts'
import type { DefinitionSource } from '../../pipeline/validate/read-source.ts'

/** For each file its faults, a line each, or that it has none. */
export function verdict(
  sources: readonly DefinitionSource[],
  { pipelines, faults }: Pick<ReadPipelines, 'pipelines' | 'faults'>
): string {
  const lines = sources.flatMap(({ file }) => {
    const ofFile = faults.filter(fault => fault.file === file)
    if (ofFile.length > 0) return ofFile.map(formatFault)
    const count = new Set(pipelines.filter(pipeline => pipeline.file === file).map(pipelineKey)).size
    return [`${file}: ${count} ${count === 1 ? 'pipeline' : 'pipelines'}, no faults`]
  })
  return `${lines.join('\n')}\n`
}
