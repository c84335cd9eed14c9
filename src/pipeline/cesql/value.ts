/** A whole number is in the range of 32 bits. */
export type Value = string | number | boolean

export type ValueType = 'string' | 'integer' | 'boolean'

/** The result of an operator that fails. */
export const zeroValues = { string: '', integer: 0, boolean: false } as const satisfies Record<ValueType, Value>

/** Attributes of an event, by name. */
export type Attributes = ReadonlyMap<string, Value>

export const leastInteger = -(2 ** 31)
export const greatestInteger = 2 ** 31 - 1

export const isInteger = (value: number): boolean =>
  Number.isInteger(value) && value >= leastInteger && value <= greatestInteger

/** A number that CESQL does not have counts as text. */
export function typeOf(value: Value): ValueType {
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'number' && isInteger(value) ? 'integer' : 'string'
}
