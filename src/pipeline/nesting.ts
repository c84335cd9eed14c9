import type { FindNested } from './compile-body.ts'
import { isMapping } from './spec/rule.ts'
import { eachStep } from './spec/each-step.ts'
import type { Nested, NestedDefinition } from './plan.ts'

/** `namespace/name` of a pipeline that is written as a name, or with its namespace. */
export const nestedKey = (written: string, namespace: string): string =>
  written.includes('/') ? written : `${namespace}/${written}`

/** A step that nests a pipeline. */
export interface Nesting {
  /** `namespace/name` of what is nested. */
  readonly pipeline: string
  /** Of the field, below the spec. */
  readonly path: readonly (string | number)[]
}

/** The pipelines that the steps of one nest itself, in the order of writing. */
export function* nestingsOf({ steps }: { readonly steps?: unknown }, namespace: string): Generator<Nesting> {
  for (const { path, step } of eachStep(steps, ['steps'])) {
    const written = isMapping(step) ? step['pipeline'] : undefined
    if (typeof written === 'string') yield { pipeline: nestedKey(written, namespace), path: [...path, 'pipeline'] }
  }
}

const namespaceOf = (pipeline: string): string => pipeline.slice(0, pipeline.indexOf('/'))

/** All that a pipeline nests, at any depth, as far as it is known; `undefined`: nothing. */
export function nestedIn(spec: NestedDefinition['spec'], namespace: string, find: FindNested): Nested | undefined {
  const nested = new Map<string, NestedDefinition>()
  const add = (inner: NestedDefinition['spec'], in_: string): void => {
    for (const { pipeline } of nestingsOf(inner, in_)) {
      const definition = nested.has(pipeline) ? undefined : find(pipeline)
      if (definition === undefined) continue
      const { steps, delivery, contract } = definition.spec
      const counts = { steps, ...(delivery && { delivery }), ...(contract && { contract }) }
      nested.set(pipeline, { spec: counts, baseDir: definition.baseDir })
      add(counts, namespaceOf(pipeline))
    }
  }
  add(spec, namespace)
  return nested.size === 0 ? undefined : Object.fromEntries([...nested].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A way from the pipeline back to itself: `[a, b, a]`; `undefined`: it nests itself nowhere. */
export function cycleFrom(pipeline: string, nestedBy: (pipeline: string) => Iterable<string>): string[] | undefined {
  const seen = new Set<string>()
  const wayFrom = (at: string, way: readonly string[]): string[] | undefined => {
    for (const next of nestedBy(at)) {
      if (next === pipeline) return [...way, next]
      if (seen.has(next)) continue
      seen.add(next)
      const found = wayFrom(next, [...way, next])
      if (found !== undefined) return found
    }
    return undefined
  }
  return wayFrom(pipeline, [pipeline])
}

/**
 * How many steps a pipeline has with those that it nests, each as often as it is nested; counts no further than
 * `limit`.
 */
export function countSteps(
  steps: unknown,
  namespace: string,
  find: FindNested,
  limit: number,
  around: readonly string[] = []
): number {
  let count = 0
  for (const { step } of eachStep(steps, [])) {
    count++
    const written = step['pipeline']
    const pipeline = typeof written === 'string' ? nestedKey(written, namespace) : undefined
    const inner = pipeline === undefined || around.includes(pipeline) ? undefined : find(pipeline)
    if (pipeline !== undefined && inner !== undefined) {
      count += countSteps(inner.spec.steps, namespaceOf(pipeline), find, limit - count, [...around, pipeline])
    }
    if (count > limit) return count
  }
  return count
}
