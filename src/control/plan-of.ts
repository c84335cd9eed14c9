import { compile } from '../pipeline/compile.ts'
import type { Plan } from '../pipeline/plan.ts'

/** Makes the plan of a definition: what another process, or the store, knows of a pipeline. */
export function planOf(
  { namespace, name, definition }: Pick<Plan, 'namespace' | 'name' | 'definition'>,
  resolve: ReadonlyMap<string, string>
): Plan {
  const { spec, baseDir } = definition
  const written = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ServingPipeline',
    metadata: { namespace, name },
    spec
  } as const
  return compile(written, { baseDir, resolve })
}
