import { allowance } from './allowance.ts'

/** Whether no two items are equal, as JSON has it: in nearly linear time, where ajv compares each with each. */
export function hasUniqueItems(items: readonly unknown[]): boolean {
  const seen = new Set<unknown>()
  for (const item of items) {
    if (--allowance.left < 0) allowance.look()
    const key = keyOf(item)
    if (seen.has(key)) return false
    seen.add(key)
  }
  return true
}

/** Equal for equal values: what is a text by itself is told from the text of a list or a mapping by its quotes. */
const keyOf = (item: unknown): unknown =>
  typeof item === 'string' || (typeof item === 'object' && item !== null) ? canonical(item) : item

/** JSON with the members of mappings in the order of their names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}
