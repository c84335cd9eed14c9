import { dirname, resolve as resolvePath } from 'node:path'
import { compile } from '../pipeline/compile.ts'
import { formatFault } from '../pipeline/fault.ts'
import type { Plan } from '../pipeline/plan.ts'
import { readPipelines } from '../pipeline/read-pipelines.ts'
import { readDefinitions } from './definitions.ts'

/** Definitions that cannot be served; the message has a line for each fault. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
}

/** Reads and compiles every definition at the paths. Throws DefinitionError with all faults at once. */
export async function loadPlans(paths: readonly string[], resolve: ReadonlyMap<string, string>): Promise<Plan[]> {
  const { pipelines, faults } = readPipelines(await readDefinitions(paths))
  if (faults.length > 0) throw new DefinitionError(faults.map(formatFault).join('\n'))
  if (pipelines.length === 0) throw new DefinitionError(`${paths.join(', ')}: no ServingPipeline in there`)
  return pipelines.map(({ definition, file }) =>
    compile(definition, { generation: 1, baseDir: dirname(resolvePath(file)), resolve })
  )
}
