import { nestingsOf } from './nesting.ts'
import { pipelineKey, type ParsedPipeline } from './parsed-pipeline.ts'
import { pathText } from './validate/finding.ts'

/** Something in a definition that works, and may not be what its writer meant. */
export interface Warning {
  readonly file: string
  /** Of the name of the pipeline; counts from 1. */
  readonly line: number
  readonly path: string
  /** `namespace/name`. */
  readonly pipeline: string
  readonly message: string
}

/** Where a pipeline with an `access` of its own is nested: there it does not hold. */
export function accessWarnings(pipelines: readonly ParsedPipeline[]): readonly Warning[] {
  const known = new Map(
    pipelines
      .filter(({ definition }) => definition.spec.access !== undefined)
      .map(parsed => [pipelineKey(parsed), parsed])
  )
  return pipelines.flatMap(({ file, line, namespace, name, definition }) =>
    [...nestingsOf(definition.spec, namespace)]
      .filter(({ pipeline }) => known.has(pipeline))
      .map(({ pipeline, path }) => {
        const outer = pipelineKey({ namespace, name })
        const message = `the access of ${pipeline} does not hold here: whoever may call ${outer} gets through to it`
        return { file, line, path: pathText(['spec', ...path]), pipeline: outer, message }
      })
  )
}

/** One line for a terminal. */
export const formatWarning = ({ file, line, path, message }: Warning): string =>
  `warning: ${file}:${line} ${path}: ${message}`
