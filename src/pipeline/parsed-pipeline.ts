import type { DefinitionKind, ServingPipeline, WrittenPipeline } from './spec/serving-pipeline.ts'

/** A definition that is valid as it stands. */
export interface ParsedPipeline {
  readonly file: string
  /** Of its name in the file; lines and columns count from 1. */
  readonly line: number
  readonly column: number
  readonly namespace: string
  readonly name: string
  readonly definition: WrittenPipeline
  /** Where fields stand that may be faults beside the definition of the other kind, by their paths; absent: nowhere. */
  readonly places?: Readonly<Record<string, LinePlace>>
}

export type LinePlace = Pick<ParsedPipeline, 'line' | 'column'>

/** One with all that it takes from the definition of the other kind; compile it to run it. */
export interface WholePipeline extends ParsedPipeline {
  readonly definition: ServingPipeline
  /** The definition that its steps were taken from; absent: they are its own. */
  readonly stepsOf?: Pick<ParsedPipeline, 'file' | 'line' | 'column'>
}

/** `namespace/name`: its identity. */
export const pipelineKey = ({ namespace, name }: Pick<ParsedPipeline, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`

/** Names a definition among those of both kinds, as commands do: `pipeline/namespace/name` is a Pipeline. */
export const definitionKey = (kind: DefinitionKind, pipeline: string): string =>
  kind === 'Pipeline' ? `${pipelinePrefix}${pipeline}` : pipeline

/** A definition among those of both kinds. */
export interface DefinitionName {
  readonly kind: DefinitionKind
  /** `namespace/name`. */
  readonly pipeline: string
}

/** The definition that a key names. */
export function readDefinitionKey(key: string): DefinitionName {
  const isPipeline = key.split('/').length > 2
  return isPipeline
    ? { kind: 'Pipeline', pipeline: key.slice(pipelinePrefix.length) }
    : { kind: 'ServingPipeline', pipeline: key }
}

const pipelinePrefix = 'pipeline/'
