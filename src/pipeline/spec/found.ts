const maxLength = 60

/** A value as a person sees it in a file: `'two seconds'`, `the number 3`, `a list`. */
export function found(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > maxLength ? `${value.slice(0, maxLength)}…` : value}'`
    case 'number':
      return `the number ${value}`
    case 'boolean':
      return String(value)
    case 'undefined':
      return 'nothing'
    default:
      if (value === null) return 'nothing'
      return Array.isArray(value) ? 'a list' : 'a mapping'
  }
}
