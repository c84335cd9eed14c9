import { asBoolean, asInteger, cast } from './cast.ts'
import type { Evaluation } from './evaluation.ts'
import type { BinaryOperator } from './syntax.ts'
import { isInteger, typeOf, type Value, type ValueType } from './value.ts'

/** Gives the value of a part of an expression. */
export type Evaluate = (evaluation: Evaluation) => Value

/** A part of an expression, ready to be evaluated. */
export interface Part {
  readonly evaluate: Evaluate
  /** The type of its values; `undefined`: that of an attribute. */
  readonly returns: ValueType | undefined
}

/** An operator of two parts, which gives its zero value where one of them fails. */
export function binary(operator: BinaryOperator, left: Part, right: Part): Part {
  switch (operator) {
    case 'AND':
    case 'OR':
      return shortCircuit(operator, left.evaluate, right.evaluate)
    case 'XOR':
      return strict('boolean', false, left, right, (x, y, evaluation) => {
        const first = asBoolean(x, evaluation)
        return first !== asBoolean(y, evaluation)
      })
    case '=':
    case '!=':
      return strict('boolean', false, left, right, (x, y, evaluation) => {
        const same = cast(x, typeOf(y), evaluation) === y
        return same === (operator === '=')
      })
    case '<':
    case '<=':
    case '>':
    case '>=':
      return strict('boolean', false, left, right, (x, y, evaluation) =>
        comparisons[operator](asInteger(x, evaluation), asInteger(y, evaluation))
      )
    default:
      return strict('integer', 0, left, right, (x, y, evaluation) =>
        calculate(operator, asInteger(x, evaluation), asInteger(y, evaluation), evaluation)
      )
  }
}

type Operation = (x: Value, y: Value, evaluation: Evaluation) => Value

/** The result of an operation after a failure, a failed cast included, is its zero value. */
const strict = (returns: ValueType, zero: Value, left: Part, right: Part, operation: Operation): Part => ({
  returns,
  evaluate: evaluation => {
    const x = left.evaluate(evaluation)
    if (evaluation.failed) return zero
    const y = right.evaluate(evaluation)
    if (evaluation.failed) return zero
    const value = operation(x, y, evaluation)
    return evaluation.failed ? zero : value
  }
})

/** The right part is evaluated only where the left one does not decide. */
const shortCircuit = (operator: 'AND' | 'OR', left: Evaluate, right: Evaluate): Part => ({
  returns: 'boolean',
  evaluate: evaluation => {
    const first = asBoolean(left(evaluation), evaluation)
    if (evaluation.failed) return false
    if (first === (operator === 'OR')) return first
    const second = asBoolean(right(evaluation), evaluation)
    return !evaluation.failed && second
  }
})

const comparisons = {
  '<': (x: number, y: number) => x < y,
  '<=': (x: number, y: number) => x <= y,
  '>': (x: number, y: number) => x > y,
  '>=': (x: number, y: number) => x >= y
} as const

function calculate(operator: '+' | '-' | '*' | '/' | '%', x: number, y: number, evaluation: Evaluation): number {
  if (evaluation.failed) return 0
  if (y === 0 && (operator === '/' || operator === '%')) return evaluation.fail('math', 'a division by zero', 0)
  return withinRange(calculations[operator](x, y), evaluation)
}

const calculations = {
  '+': (x: number, y: number) => x + y,
  '-': (x: number, y: number) => x - y,
  '*': (x: number, y: number) => x * y,
  '/': (x: number, y: number) => Math.trunc(x / y),
  '%': (x: number, y: number) => x % y
} as const

/** The specification leaves open how far a result may go; one that is wrong would be worse than none. */
export const withinRange = (value: number, evaluation: Evaluation): number =>
  // Not -0, which is another value to ===.
  isInteger(value) ? value + 0 : evaluation.fail('math', 'a result is beyond 32 bits', 0)
