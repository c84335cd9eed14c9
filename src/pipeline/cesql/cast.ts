import type { Evaluation } from './evaluation.ts'
import { isInteger, type Value, type ValueType } from './value.ts'

/** The value as one of another type; a cast that cannot be made fails, and gives the zero value. */
export function cast(value: Value, type: ValueType, evaluation: Evaluation): Value {
  switch (type) {
    case 'string':
      return asText(value)
    case 'integer':
      return asInteger(value, evaluation)
    case 'boolean':
      return asBoolean(value, evaluation)
  }
}

export const asText = (value: Value): string => String(value)

export function asInteger(value: Value, evaluation: Evaluation): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const integer = /^[+-]?\d+$/.test(value) ? Number(value) : NaN
  if (!isInteger(integer)) return evaluation.fail('cast', 'a text is not a whole number of 32 bits', 0)
  // Not -0, which is another value to ===.
  return integer + 0
}

export function asBoolean(value: Value, evaluation: Evaluation): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  const word = value.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  return evaluation.fail('cast', 'a text is neither true nor false', false)
}
