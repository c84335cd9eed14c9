import type jsonata from 'jsonata'
import { expressionLimits as limits } from './expression-limits.ts'
import { failureText } from './failure-text.ts'
import { LinearRegex } from './linear-regex.ts'
import { Refusal } from './refusal.ts'

const options = {
  stack: limits.calls,
  sequence: limits.elements,
  RegexEngine: LinearRegex as unknown as RegExpConstructor
}

/**
 * A JSONata program under our limits, and under one of time that JSONata looks at between its parts, 0: none. Throws an
 * Error with a readable message for a syntax error.
 */
export function compileProgram(compile: typeof jsonata, source: string, milliseconds: number): jsonata.Expression {
  try {
    const program = compile(source, { ...options, timeout: milliseconds })
    program.registerFunction('eval', refuseEval, '<sx?:x>')
    program.registerFunction('pad', pad, '<s-ns?:s>')
    program.registerFunction('join', join, '<a<s>s?:s>')
    return program
  } catch (thrown) {
    throw new Error(failureText(thrown), { cause: thrown })
  }
}

/** `$eval` would compile what comes with a request. */
function refuseEval(): never {
  throw new Refusal('$eval is not available')
}

/** JSONata's `$pad`, which as it comes takes any width. */
function pad(text: string | undefined, width: number, filler?: string): string | undefined {
  if (text === undefined) return undefined
  const length = Math.abs(Math.trunc(width))
  if (length > limits.elements) throw new Refusal(`$pad is limited to ${limits.elements} characters`)
  const fill = filler === undefined || filler === '' ? ' ' : filler
  return width < 0 ? text.padStart(length, fill) : text.padEnd(length, fill)
}

/** JSONata's `$join`, which as it comes makes half a gigabyte of a megabyte: many parts and a long separator. */
function join(parts: readonly string[] | undefined, separator = ''): string | undefined {
  if (parts === undefined) return undefined
  const length = parts.reduce((sum, part) => sum + part.length + separator.length, 0)
  if (length > limits.text) throw new RangeError('a text is too long')
  return parts.join(separator)
}
