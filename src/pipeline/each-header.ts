import { foreignKeys } from './filled-texts.ts'
import { isMapping } from './spec/rule.ts'

export interface VisitedHeader {
  readonly path: readonly (string | number)[]
  readonly name: string
  /** A text, or a mapping that says where the value is. */
  readonly value: unknown
}

/** Every header that a spec, or a part of it, sets for calls, in the order of the definition. */
export function* eachHeader(value: unknown, path: VisitedHeader['path'] = []): Generator<VisitedHeader> {
  if (Array.isArray(value)) {
    for (const [i, entry] of value.entries()) yield* eachHeader(entry, [...path, i])
  }
  if (!isMapping(value)) return
  for (const [key, each] of Object.entries(value)) {
    if (foreignKeys.has(key)) continue
    if (key === 'headers') yield* headersOf(each, [...path, key])
    else yield* eachHeader(each, [...path, key])
  }
}

function* headersOf(headers: unknown, path: VisitedHeader['path']): Generator<VisitedHeader> {
  if (!isMapping(headers)) return
  for (const [name, value] of Object.entries(headers)) {
    // `headers.propagate` of a pipeline is a list of names.
    if (typeof value === 'string' || isMapping(value)) yield { path: [...path, name], name, value }
  }
}
