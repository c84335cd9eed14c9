const maxLength = 60

/** A value as a person sees it in a file: `'two seconds'`, `the number 3`, `a list`. */
export function found(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > maxLength ? `${value.slice(0, maxLength)}…` : value}'`
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  if (value === undefined || value === null) return 'nothing'
  return Array.isArray(value) ? 'a list' : 'a mapping'
}
