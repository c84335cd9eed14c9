import { nestingsOf } from '../../pipeline/nesting.ts'
import { isMapping } from '../../pipeline/spec/rule.ts'

/** The parts of a definition that lead elsewhere, as a gateway has it. */
export interface GatewayUses {
  /** The names of its references. */
  readonly refs: ReadonlySet<string>
  /** `namespace/name` of the pipelines in it. */
  readonly nests: ReadonlySet<string>
}

export const usesOf = (spec: unknown, namespace: string): GatewayUses => ({
  refs: new Set(refNames(spec)),
  nests: new Set(isMapping(spec) ? [...nestingsOf(spec, namespace)].map(({ pipeline }) => pipeline) : [])
})

function* refNames(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const each of value) yield* refNames(each)
  if (!isMapping(value)) return
  const { ref } = value
  if (isMapping(ref) && typeof ref['name'] === 'string') yield ref['name']
  for (const each of Object.values(value)) yield* refNames(each)
}
