import type { Plan } from '../pipeline/plan.ts'
import { missingHeaders, staleFiles } from '../secrets/header-values.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Logger } from '../telemetry/log.ts'

/** Lines of `/readyz?verbose`: the headers of steps that have no value, and files that cannot be read any more. */
export const headerNotes = (plans: readonly Plan[], secrets: Secrets): readonly string[] =>
  plans.flatMap(({ pipeline, headers }) => [
    ...missingHeaders(headers, secrets).map(reason => `[!] ${pipeline}: not ready: ${reason}`),
    ...staleFiles(headers, secrets).map(reason => `[!] ${pipeline}: ${reason}`)
  ])

/** Names of headers that carry what opens something. */
const credential = /^(authorization|cookie)$|key|token|secret|password|credential/

/** Tells the log at a start which headers have no value yet, and which secrets stand in a definition. */
export function tellHeaders(plans: readonly Plan[], secrets: Secrets, log: Logger): void {
  for (const { pipeline, headers } of plans) {
    for (const reason of missingHeaders(headers, secrets)) {
      log.warn({ pipeline, reason }, 'a header has no value; the pipeline answers PIPELINE_NOT_READY until it has one')
    }
    for (const { sender, name, source } of headers) {
      if (source.kind !== 'text' || !credential.test(name) || source.text.includes('${')) continue
      log.warn(
        { pipeline, sender, header: name },
        'a secret stands in a definition, which is stored and shown as it was written; write {env: NAME} or {file: PATH}'
      )
    }
  }
}
