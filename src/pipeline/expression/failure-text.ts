/** JSONata's messages that quote a value, said without it: what a request carries stays out of answers and logs. */
const withoutValue: Readonly<Record<string, string>> = {
  D1001: 'a number is out of range',
  D1002: 'only a number can be negated',
  D1009: 'two keys of an object are the same',
  D1013: 'a property name that starts with _jsonata_ is reserved',
  D3030: 'a value cannot be cast to a number',
  D3060: '$sqrt of a negative number',
  D3061: '$power gives something that is not a number in JSON',
  D3100: 'the radix of $formatBase must be between 2 and 36',
  D3110: 'the argument of $toMillis must be an ISO 8601 timestamp',
  D3130: 'the picture of an integer is not supported',
  D3132: 'the picture of a date has an unknown component',
  D3133: 'a name is only for months and days in the picture of a date',
  D3140: 'a text cannot be a part of a URL, or is not one',
  T1003: 'a key of an object must be a string',
  T2007: 'values of different types cannot be ordered',
  T2009: 'values of different types cannot be compared',
  T2011: 'the update of a transform must be an object',
  T2012: 'what a transform deletes must be a string or an array of strings'
}

/** The fault and its place in the expression; JSONata throws plain objects with a code, a message and a position. */
export function failureText(thrown: unknown): string {
  const { code, message, position } = fieldsOf(thrown)
  const text = withoutValue[code ?? ''] ?? message ?? String(thrown)
  return `${text.slice(0, 200)}${position === undefined ? '' : ` at character ${position}`}`
}

interface Fields {
  readonly code?: string
  readonly message?: string
  readonly position?: number
}

const fieldsOf = (thrown: unknown): Fields => (typeof thrown === 'object' && thrown !== null ? thrown : {})
