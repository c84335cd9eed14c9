import { CesqlSyntaxError } from './syntax-error.ts'
import { isBinaryOperator, precedences, type BinaryOperator, type Syntax } from './syntax.ts'
import { tokenize, type Token } from './tokenize.ts'
import { isInteger } from './value.ts'

/** Characters of an expression. */
const maxLength = 10_000
/** Parentheses, calls and signs within each other. */
const maxDepth = 100

const reserved = new Set(['AND', 'OR', 'XOR', 'NOT', 'LIKE', 'EXISTS', 'IN', 'TRUE', 'FALSE'])

/** The tree of an expression. Throws a CesqlSyntaxError. */
export function parse(source: string): Syntax {
  if (source.length > maxLength) throw new CesqlSyntaxError(`it has more than ${maxLength} characters, cut`, maxLength)
  return new Parser(tokenize(source)).whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  #position = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Syntax {
    const syntax = this.#expression(1)
    if (this.#here.kind !== 'end') throw this.#unexpected('an operator or the end')
    return syntax
  }

  /** An expression whose binary operators have at least this precedence. */
  #expression(least: number): Syntax {
    if (++this.#depth > maxDepth) throw new CesqlSyntaxError('it is nested too deeply', this.#here.offset)
    let left = this.#suffixed(this.#prefixed())
    for (let operator = this.#operator(least); operator !== undefined; operator = this.#operator(least)) {
      left = { kind: 'binary', operator, left, right: this.#expression(precedences[operator] + 1) }
    }
    this.#depth--
    return left
  }

  /** Takes a binary operator of at least this precedence. */
  #operator(least: number): BinaryOperator | undefined {
    const { kind, text } = this.#here
    if (kind !== 'symbol' && kind !== 'word') return undefined
    const operator = text === '<>' ? '!=' : text.toUpperCase()
    if (!isBinaryOperator(operator) || precedences[operator] < least) return undefined
    this.#position++
    return operator
  }

  /** Signs and NOT bind tighter than all else. */
  #prefixed(): Syntax {
    const negative = this.#takes('-')
    const signed = negative || this.#here.text === '+' ? this.#signedInteger(negative) : undefined
    if (signed !== undefined) return signed
    if (negative) return { kind: 'minus', operand: this.#nested() }
    return this.#takes('NOT') ? { kind: 'not', operand: this.#nested() } : this.#operand()
  }

  #nested(): Syntax {
    if (++this.#depth > maxDepth) throw new CesqlSyntaxError('it is nested too deeply', this.#here.offset)
    const operand = this.#prefixed()
    this.#depth--
    return operand
  }

  /** A sign directly before digits is part of the number, so that the least one can be written. */
  #signedInteger(negative: boolean): Syntax | undefined {
    const sign = negative ? this.#tokens[this.#position - 1] : this.#here
    const digits = this.#tokens[negative ? this.#position : this.#position + 1]
    if (digits?.kind !== 'integer' || sign?.end !== digits.offset) return undefined
    this.#position += negative ? 1 : 2
    return integer(`${negative ? '-' : ''}${digits.text}`, digits)
  }

  #suffixed(operand: Syntax): Syntax {
    let syntax = operand
    for (;;) {
      const next = this.#suffix(syntax)
      if (next === undefined) return syntax
      syntax = next
    }
  }

  /** `LIKE`, `IN`, and both with NOT. */
  #suffix(operand: Syntax): Syntax | undefined {
    const negated = this.#takes('NOT')
    let syntax: Syntax
    if (this.#takes('LIKE')) syntax = { kind: 'like', operand, pattern: this.#pattern() }
    else if (this.#takes('IN')) syntax = { kind: 'in', operand, set: this.#list(1) }
    else if (negated) throw this.#unexpected('LIKE or IN')
    else return undefined
    return negated ? { kind: 'not', operand: syntax } : syntax
  }

  #pattern(): string {
    if (this.#here.kind !== 'string') throw this.#unexpected('a text in quotes')
    return this.#take().text
  }

  #operand(): Syntax {
    if (this.#takes('(')) {
      const syntax = this.#expression(1)
      this.#expect(')')
      return syntax
    }
    const { kind, text } = this.#here
    if (kind === 'string') return { kind: 'literal', value: this.#take().text }
    if (kind === 'integer') return integer(text, this.#take())
    if (kind !== 'word') throw this.#unexpected('a value')
    return this.#word()
  }

  #word(): Syntax {
    if (this.#takes('EXISTS')) return { kind: 'exists', name: this.#attribute() }
    if (this.#takes('TRUE')) return { kind: 'literal', value: true }
    if (this.#takes('FALSE')) return { kind: 'literal', value: false }
    if (this.#tokens[this.#position + 1]?.text === '(' && !reserved.has(this.#here.text.toUpperCase())) {
      return this.#call()
    }
    return { kind: 'attribute', name: this.#attribute() }
  }

  #attribute(): string {
    const { kind, text } = this.#here
    const isName = (kind === 'word' || kind === 'integer') && !text.includes('_') && !reserved.has(text.toUpperCase())
    if (!isName) throw this.#unexpected('the name of an attribute')
    return this.#take().text.toLowerCase()
  }

  #call(): Syntax {
    const { text, offset } = this.#here
    if (!/^[A-Za-z][A-Za-z_]*$/.test(text)) throw this.#unexpected('the name of a function')
    this.#position++
    return { kind: 'call', name: text.toUpperCase(), parameters: this.#list(0), offset }
  }

  /** Expressions in parentheses. */
  #list(least: 0 | 1): Syntax[] {
    this.#expect('(')
    if (least === 0 && this.#takes(')')) return []
    const list = [this.#expression(1)]
    while (this.#takes(',')) list.push(this.#expression(1))
    this.#expect(')')
    return list
  }

  get #here(): Token {
    const here = this.#tokens[this.#position]
    if (here === undefined) throw new Error('the last token is the end of the expression')
    return here
  }

  #take(): Token {
    const here = this.#here
    this.#position++
    return here
  }

  /** Takes a symbol or a keyword if it is next. */
  #takes(word: string): boolean {
    const { kind, text } = this.#here
    if ((kind !== 'symbol' && kind !== 'word') || text.toUpperCase() !== word) return false
    this.#position++
    return true
  }

  #expect(symbol: string): void {
    if (!this.#takes(symbol)) throw this.#unexpected(`'${symbol}'`)
  }

  #unexpected(what: string): CesqlSyntaxError {
    const { kind, text, offset } = this.#here
    const found = kind === 'end' ? text : kind === 'string' ? 'a text' : `'${text.slice(0, 40)}'`
    return new CesqlSyntaxError(`expected ${what}, found ${found}`, offset)
  }
}

function integer(text: string, { offset }: Token): Syntax {
  const value = Number(text) + 0
  if (!isInteger(value)) throw new CesqlSyntaxError('a whole number is beyond 32 bits', offset)
  return { kind: 'literal', value }
}
