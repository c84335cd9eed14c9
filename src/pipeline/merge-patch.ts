import { isMapping } from './spec/rule.ts'

/** The value with the changes of a JSON merge patch (RFC 7396): null removes a field, a list replaces a list. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch
  const fields = new Map(Object.entries(isMapping(value) ? value : {}))
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) fields.delete(name)
    else fields.set(name, mergePatch(fields.get(name), change))
  }
  return Object.fromEntries(fields)
}
