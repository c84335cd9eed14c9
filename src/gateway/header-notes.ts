import type { Plan } from '../pipeline/plan.ts'
import { missingHeaders, staleFiles } from '../secrets/header-values.ts'
import type { Secrets } from '../secrets/secrets.ts'

/** Lines of `/readyz?verbose`: the headers of steps that have no value, and files that cannot be read any more. */
export const headerNotes = (plans: readonly Plan[], secrets: Secrets): readonly string[] =>
  plans.flatMap(({ pipeline, headers }) => [
    ...missingHeaders(headers, secrets).map(reason => `[!] ${pipeline}: not ready: ${reason}`),
    ...staleFiles(headers, secrets).map(reason => `[!] ${pipeline}: ${reason}`)
  ])
