import { SluiceError } from '../errors.ts'
import type { Plan } from '../pipeline/plan.ts'
import { nearest } from '../pipeline/validate/nearest.ts'

/**
 * With more pipelines than that, the one that was meant is not looked for: whoever guesses names could keep us busy.
 */
const maxSearched = 1000

/** Says that there is no such pipeline, and which one of those that the caller may see was most likely meant. */
export function unknownPipeline(namespace: string, name: string, plans: readonly Plan[]): SluiceError {
  // One that is being deleted is still among them.
  const others = plans.filter(({ pipeline }) => pipeline !== `${namespace}/${name}`)
  const meant = others.length > maxSearched ? undefined : likely(namespace, name, others)
  const advice = meant === undefined ? 'GET / lists what is served here' : `did you mean /${meant}?`
  return new SluiceError(
    'PIPELINE_NOT_FOUND',
    `there is no pipeline "${name}" in the namespace "${namespace}"; ${advice}`
  )
}

/** The same name in another namespace, or a name that is written much alike. */
function likely(namespace: string, name: string, plans: readonly Plan[]): string | undefined {
  const named = plans.find(plan => plan.name === name)
  if (named !== undefined) return named.pipeline
  const near = nearest(
    name,
    plans.filter(plan => plan.namespace === namespace).map(plan => plan.name)
  )
  if (near !== undefined) return `${namespace}/${near}`
  return nearest(
    `${namespace}/${name}`,
    plans.map(({ pipeline }) => pipeline)
  )
}
