/** The name in `Plan.unresolved` is that of a nested pipeline. */
export const isNestedName = (name: string): boolean => name.startsWith('pipeline ')

/** A person makes these names known so: those of references, and of nested pipelines. */
export function unresolvedAdvice(names: readonly string[]): string {
  const advice = [
    ...(names.every(isNestedName) ? [] : ['start the gateway with --resolve NAME=URL']),
    ...(names.some(isNestedName) ? ['the step takes the name of a pipeline that is served here'] : [])
  ]
  return advice.join('; ')
}
