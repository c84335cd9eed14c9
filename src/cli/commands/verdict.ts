import { formatFault } from '../../pipeline/fault.ts'
import type { ReadPipelines } from '../../pipeline/read-pipelines.ts'
import type { DefinitionSource } from '../../pipeline/validate/read-source.ts'

/** For each file its faults, a line each, or that it has none. */
export function verdict(sources: readonly DefinitionSource[], { pipelines, faults }: ReadPipelines): string {
  const lines = sources.flatMap(({ file }) => {
    const ofFile = faults.filter(fault => fault.file === file)
    if (ofFile.length > 0) return ofFile.map(formatFault)
    const count = pipelines.filter(pipeline => pipeline.file === file).length
    return [`${file}: ${count} ${count === 1 ? 'pipeline' : 'pipelines'}, no faults`]
  })
  return `${lines.join('\n')}\n`
}
