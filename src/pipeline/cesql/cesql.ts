import { asBoolean, asInteger, asText, cast } from './cast.ts'
import { Evaluation, type EvaluationError } from './evaluation.ts'
import { findFunction, type CesqlFunction } from './functions.ts'
import { compileLike } from './like.ts'
import { binary, withinRange, type Evaluate, type Part } from './operators.ts'
import { parse } from './parse.ts'
import type { Syntax } from './syntax.ts'
import { CesqlSyntaxError } from './syntax-error.ts'
import { typeOf, zeroValues, type Attributes, type Value, type ValueType } from './value.ts'

/*
 * CloudEvents SQL, version 1.0.0. The specification leaves three things open, and they are so here: arithmetic beyond
 * 32 bits is a MathError and gives 0; AND, OR and XOR bind alike and are taken from left to right; a text holds its own
 * quote after a backslash alone, not doubled.
 */

/** A compiled expression. It is total: whatever the attributes are, it gives a value soon. */
export interface Cesql {
  readonly source: string
  /** The type of its values; `undefined`: that of an attribute. */
  readonly returns: ValueType | undefined
  evaluate(attributes: Attributes): Evaluated
}

export interface Evaluated {
  readonly value: Value
  /** The first error, at which the evaluation stopped. */
  readonly error: EvaluationError | undefined
}

/** A call that no built-in function answers. */
export interface UnknownCall {
  readonly name: string
  readonly count: number
  /** Where it stands in the expression, from 0. */
  readonly offset: number
}

/** Compiles once; throws a CesqlSyntaxError. `unknown` is told calls of functions that are not there, which fail. */
export function compileCesql(source: string, unknown: (call: UnknownCall) => void = refuse): Cesql {
  const { returns, evaluate } = compilePart(parse(source), unknown)
  return {
    source,
    returns,
    evaluate: attributes => {
      const evaluation = new Evaluation(attributes)
      return { value: evaluate(evaluation), error: evaluation.error }
    }
  }
}

function refuse({ name, count, offset }: UnknownCall): never {
  const known = count === 1 ? '1 argument' : `${count} arguments`
  throw new CesqlSyntaxError(`there is no function ${name} of ${known}, called`, offset)
}

function compilePart(syntax: Syntax, unknown: (call: UnknownCall) => void): Part {
  const part = (inner: Syntax): Part => compilePart(inner, unknown)
  switch (syntax.kind) {
    case 'literal':
      return { returns: typeOf(syntax.value), evaluate: () => syntax.value }
    case 'attribute':
      return { returns: undefined, evaluate: attributeOf(syntax.name) }
    case 'exists':
      return { returns: 'boolean', evaluate: ({ attributes }) => attributes.has(syntax.name) }
    case 'not':
      return unary('boolean', part(syntax.operand), (value, evaluation) => !asBoolean(value, evaluation))
    case 'minus':
      return unary('integer', part(syntax.operand), (value, evaluation) =>
        withinRange(-asInteger(value, evaluation), evaluation)
      )
    case 'like': {
      const matches = compileLike(syntax.pattern)
      return unary('boolean', part(syntax.operand), value => matches(asText(value)))
    }
    case 'in':
      return { returns: 'boolean', evaluate: isIn(part(syntax.operand), syntax.set.map(part)) }
    case 'binary':
      return binary(syntax.operator, part(syntax.left), part(syntax.right))
    case 'call':
      return call(syntax, syntax.parameters.map(part), unknown)
  }
}

const attributeOf =
  (name: string): Evaluate =>
  evaluation =>
    evaluation.attributes.get(name) ?? evaluation.fail('missingAttribute', `the event has no attribute ${name}`, false)

const unary = (
  returns: ValueType,
  { evaluate }: Part,
  operation: (value: Value, evaluation: Evaluation) => Value
): Part => ({
  returns,
  evaluate: evaluation => {
    const operand = evaluate(evaluation)
    if (evaluation.failed) return zeroValues[returns]
    const value = operation(operand, evaluation)
    return evaluation.failed ? zeroValues[returns] : value
  }
})

/** The elements are cast to the type of the operand, in their order, until one is the same. */
const isIn =
  ({ evaluate }: Part, set: readonly Part[]): Evaluate =>
  evaluation => {
    const operand = evaluate(evaluation)
    const type = typeOf(operand)
    for (const element of set) {
      if (evaluation.failed) return false
      const value = element.evaluate(evaluation)
      if (evaluation.failed) return false
      if (cast(value, type, evaluation) === operand && !evaluation.failed) return true
    }
    return false
  }

function call(
  { name, offset }: Extract<Syntax, { kind: 'call' }>,
  parts: readonly Part[],
  unknown: (call: UnknownCall) => void
): Part {
  const found = findFunction(name, parts.length)
  if (found !== undefined) return { returns: found.returns, evaluate: calling(found, parts) }
  unknown({ name, count: parts.length, offset })
  const evaluate: Evaluate = evaluation =>
    evaluation.fail('missingFunction', `there is no such function ${name}`, false)
  return { returns: 'boolean', evaluate }
}

function calling(called: CesqlFunction, parts: readonly Part[]): Evaluate {
  const types = parts.map((_, i) => called.parameters[i] ?? called.rest ?? 'any')
  return evaluation => {
    const values: Value[] = []
    for (const [i, { evaluate }] of parts.entries()) {
      const value = evaluate(evaluation)
      if (evaluation.failed) return zeroValues[called.returns]
      const type = types[i] ?? 'any'
      values.push(type === 'any' ? value : cast(value, type, evaluation))
      if (evaluation.failed) return zeroValues[called.returns]
    }
    return called.call(values, evaluation)
  }
}
