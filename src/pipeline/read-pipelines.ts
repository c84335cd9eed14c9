import type { Environment } from './environment.ts'
import type { Fault } from './fault.ts'
import { nestingFaults } from './nesting-faults.ts'
import { onePipeline, type OnePipeline, type Written } from './one-pipeline.ts'
import { definitionKey, pipelineKey, type ParsedPipeline, type WholePipeline } from './parsed-pipeline.ts'
import type { DefinitionKind } from './spec/serving-pipeline.ts'
import { readSource, type DefinitionSource } from './validate/read-source.ts'

export interface ReadPipelines {
  /** Of either kind. */
  readonly pipelines: readonly ParsedPipeline[]
  /** The pipelines that they make together, as far as they have no faults. */
  readonly wholes: readonly WholePipeline[]
  readonly faults: readonly Fault[]
  /** The faults of those that lack their steps, unless the other kind of their name has them elsewhere. */
  readonly incomplete: readonly Fault[]
}

/**
 * Reads every definition and every fault of the sources, in the order in which they stand there; a faulty definition
 * takes nothing from the others. In the environment where they are served, what refers to it is judged too.
 */
export function readPipelines(sources: readonly DefinitionSource[], environment?: Environment): ReadPipelines {
  const pipelines = new Map<string, ParsedPipeline>()
  const faults: Fault[] = []
  for (const source of sources) faults.push(...readInto(pipelines, source, environment).sort(byPlace))
  const ones = onePipelines([...pipelines.values()])
  const together = ones.flatMap(one => one.faults)
  const wholes = ones.flatMap(({ whole }) => whole ?? [])
  const nesting = nestingFaults(wholes)
  const isWhole = ({ code }: Fault): boolean => code !== 'MISSING'
  const wrong = [...together.filter(isWhole), ...nesting.values()]
  for (const { pipeline, kind } of wrong) pipelines.delete(definitionKey(kind ?? 'ServingPipeline', pipeline ?? ''))
  return {
    pipelines: [...pipelines.values()],
    wholes: wholes.filter(whole => !nesting.has(pipelineKey(whole))),
    faults: [...faults, ...wrong],
    incomplete: together.filter(fault => !isWhole(fault) && !isHalfRead(fault, faults))
  }
}

/** The definition that it lacks is there, and faulty. */
const isHalfRead = ({ pipeline }: Fault, faults: readonly Fault[]): boolean =>
  faults.some(fault => fault.pipeline === pipeline)

/** Those of one name together. */
function onePipelines(pipelines: readonly ParsedPipeline[]): readonly OnePipeline[] {
  return [...Map.groupBy(pipelines, pipelineKey).values()].flatMap(named => {
    const find = (kind: DefinitionKind): Written | undefined => {
      const parsed = named.find(({ definition }) => definition.kind === kind)
      return parsed && { parsed, baseDir: '' }
    }
    return onePipeline({ serving: find('ServingPipeline'), sourced: find('Pipeline'), last: {} }) ?? []
  })
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
    const key = definitionKey(read.pipeline.definition.kind, pipelineKey(read.pipeline))
    const first = pipelines.get(key)
    if (first === undefined) pipelines.set(key, read.pipeline)
    else faults.push(repetition(read.pipeline, first))
  }
  return faults
}

const byPlace = (a: Fault, b: Fault): number => a.line - b.line || a.column - b.column

function repetition(parsed: ParsedPipeline, first: ParsedPipeline): Fault {
  const { file, line, column, definition } = parsed
  const pipeline = pipelineKey(parsed)
  const message = `${pipeline} is defined in ${first.file}:${first.line} already`
  const { kind } = definition
  return { file, line, column, path: 'metadata.name', pipeline, kind, code: 'DUPLICATE', message, hint: undefined }
}
