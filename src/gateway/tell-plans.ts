import { namesCallers } from '../access/create-identify.ts'
import { unsentTokens } from '../pipeline/destination-uses.ts'
import { eachStep } from '../pipeline/spec/each-step.ts'
import { isMapping } from '../pipeline/spec/rule.ts'
import type { Plan } from '../pipeline/plan.ts'
import { missingHeaders } from '../secrets/header-values.ts'
import type { ProcessParts } from './process-parts.ts'

/** Names of headers that carry what opens something. */
const credential = /^(authorization|cookie)$|key|token|secret|password|credential/

/** Tells the log of each plan that is served from now on, once, what its writer may not have meant. */
export function createTellPlans(parts: ProcessParts): (plans: readonly Plan[]) => void {
  const told = new WeakSet<Plan>()
  return plans => {
    tellPlans(
      plans.filter(plan => !told.has(plan)),
      parts
    )
    for (const plan of plans) told.add(plan)
  }
}

const onlyDeployed = ['image', 'port', 'resources', 'nodeSelector', 'tolerations'] as const

/** Steps with fields that say how they are deployed; on Kubernetes none has a run any more when it is served. */
function* deployedElsewhere(steps: unknown) {
  for (const { step } of eachStep(steps, [])) {
    const { name, run } = step
    const ignored = isMapping(run) ? onlyDeployed.filter(field => run[field] !== undefined) : []
    if (ignored.length > 0) yield { step: name, ignored }
  }
}

function tellPlans(plans: readonly Plan[], { config, secrets, log }: ProcessParts): void {
  const nameless = !namesCallers(config)
  for (const { pipeline, definition, access, headers, audiences } of plans) {
    for (const { step, ignored } of deployedElsewhere(definition.spec.steps)) {
      log.warn({ pipeline, step, ignored }, 'some fields of a run count on Kubernetes only')
    }
    const unsent = unsentTokens(audiences)
    if (unsent !== undefined) log.warn({ pipeline }, unsent)
    if (access !== undefined && nameless) {
      log.warn({ pipeline }, 'spec.access lets nobody in: callers have no names without --auth-tokens or --jwt-jwks')
    }
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
