import { compile, type CompileOptions } from '../pipeline/compile.ts'
import type { Plan } from '../pipeline/plan.ts'

/** The meaning of the names in a definition where it is served. */
export type Meaning = Pick<CompileOptions, 'resolve' | 'environment'>

/** Makes the plan of a definition: what another process, or the store, knows of a pipeline. */
export function planOf(
  { namespace, name, definition }: Pick<Plan, 'namespace' | 'name' | 'definition'>,
  { resolve, environment }: Meaning
): Plan {
  const { kind = 'ServingPipeline', spec, baseDir, nested = {} } = definition
  const written = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind,
    metadata: { namespace, name },
    spec
  } as const
  return compile(written, { baseDir, resolve, environment, find: pipeline => nested[pipeline] })
}
