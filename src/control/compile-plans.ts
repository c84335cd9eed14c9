import { dirname, resolve as resolvePath } from 'node:path'
import { compile } from '../pipeline/compile.ts'
import type { Environment } from '../pipeline/environment.ts'
import { formatFault } from '../pipeline/fault.ts'
import { pipelineKey, type ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import type { Plan } from '../pipeline/plan.ts'
import { readPipelines } from '../pipeline/read-pipelines.ts'
import type { DefinitionSource } from '../pipeline/validate/read-source.ts'

/** Definitions that cannot be served; the message has a line for each fault. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
}

export interface CompileOptions {
  /** The paths that the definitions were read from. */
  readonly files: readonly string[]
  readonly resolve: ReadonlyMap<string, string>
  /** The variables behind `${NAME}` in definitions. */
  readonly processEnv: Environment
}

/** Compiles every definition. Throws DefinitionError with all faults at once. */
export function compilePlans(
  sources: readonly DefinitionSource[],
  { files, resolve, processEnv }: CompileOptions
): Plan[] {
  const { pipelines, faults } = readPipelines(sources, processEnv)
  if (faults.length > 0) throw new DefinitionError(faults.map(formatFault).join('\n'))
  if (pipelines.length === 0) throw new DefinitionError(`${files.join(', ')}: no ServingPipeline in there`)
  const known = new Map(pipelines.map(parsed => [pipelineKey(parsed), parsed]))
  const find = (key: string) => {
    const parsed = known.get(key)
    return parsed && { spec: parsed.definition.spec, baseDir: baseDirOf(parsed) }
  }
  return pipelines.map(parsed =>
    compile(parsed.definition, { baseDir: baseDirOf(parsed), resolve, environment: processEnv, find })
  )
}

const baseDirOf = ({ file }: ParsedPipeline): string => dirname(resolvePath(file))
