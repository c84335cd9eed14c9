import type { Value } from './value.ts'

/** An expression as a tree. */
export type Syntax =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'not'; readonly operand: Syntax }
  | { readonly kind: 'minus'; readonly operand: Syntax }
  | { readonly kind: 'exists'; readonly name: string }
  | { readonly kind: 'like'; readonly operand: Syntax; readonly pattern: string }
  | { readonly kind: 'in'; readonly operand: Syntax; readonly set: readonly Syntax[] }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Syntax[]; readonly offset: number }

/** `<>` is `!=`. */
export type BinaryOperator = Multiplicative | Additive | Comparison | Logical

type Multiplicative = '*' | '/' | '%'
type Additive = '+' | '-'
type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
type Logical = 'AND' | 'OR' | 'XOR'

/** An operator that binds tighter has a greater number; operators of one number are taken from left to right. */
export const precedences: Readonly<Record<BinaryOperator, number>> = {
  '*': 4,
  '/': 4,
  '%': 4,
  '+': 3,
  '-': 3,
  '=': 2,
  '!=': 2,
  '<': 2,
  '<=': 2,
  '>': 2,
  '>=': 2,
  AND: 1,
  OR: 1,
  XOR: 1
}

export const isBinaryOperator = (text: string): text is BinaryOperator => Object.hasOwn(precedences, text)
