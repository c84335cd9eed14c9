import type { Environment } from './environment.ts'
import type { Fault } from './fault.ts'
import { nestingFaults } from './nesting-faults.ts'
import { pipelineKey, type ParsedPipeline } from './parsed-pipeline.ts'
import { readSource, type DefinitionSource } from './validate/read-source.ts'

export interface ReadPipelines {
  readonly pipelines: readonly ParsedPipeline[]
  readonly faults: readonly Fault[]
}

/**
 * Reads every definition and every fault of the sources, in the order in which they stand there; a faulty definition
 * takes nothing from the others. In the environment where they are served, what refers to it is judged too.
 */
export function readPipelines(sources: readonly DefinitionSource[], environment?: Environment): ReadPipelines {
  const pipelines = new Map<string, ParsedPipeline>()
  const faults: Fault[] = []
  for (const source of sources) faults.push(...readInto(pipelines, source, environment).sort(byPlace))
  const nesting = nestingFaults([...pipelines.values()])
  for (const [key, fault] of nesting) {
    pipelines.delete(key)
    faults.push(fault)
  }
  return { pipelines: [...pipelines.values()], faults }
}

function readInto(
  pipelines: Map<string, ParsedPipeline>,
  source: DefinitionSource,
  environment: Environment | undefined
): Fault[] {
  const faults: Fault[] = []
  for (const read of readSource(source, environment)) {
    if (read.kind === 'fault') {
      faults.push(read.fault)
      continue
    }
    const key = pipelineKey(read.pipeline)
    const first = pipelines.get(key)
    if (first === undefined) pipelines.set(key, read.pipeline)
    else faults.push(repetition(read.pipeline, first))
  }
  return faults
}

const byPlace = (a: Fault, b: Fault): number => a.line - b.line || a.column - b.column

function repetition(pipeline: ParsedPipeline, first: ParsedPipeline): Fault {
  const { file, line, column } = pipeline
  const key = pipelineKey(pipeline)
  const message = `${key} is defined in ${first.file}:${first.line} already`
  return { file, line, column, path: 'metadata.name', pipeline: key, code: 'DUPLICATE', message, hint: undefined }
}
