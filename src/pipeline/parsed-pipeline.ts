import type { ServingPipeline } from './spec/serving-pipeline.ts'

/** A definition that is valid as it stands; compile it to run it. */
export interface ParsedPipeline {
  readonly file: string
  /** Of its name in the file; lines and columns count from 1. */
  readonly line: number
  readonly column: number
  readonly namespace: string
  readonly name: string
  readonly definition: ServingPipeline
}

/** `namespace/name`: its identity. */
export const pipelineKey = ({ namespace, name }: Pick<ParsedPipeline, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`
