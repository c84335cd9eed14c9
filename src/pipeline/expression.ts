import jsonata from 'jsonata'
import { SluiceError } from '../errors.ts'
import { LinearRegex } from './linear-regex.ts'

/** A compiled JSONata expression. */
export interface Expression {
  readonly source: string
  /**
   * The value for this input; `undefined` when the expression yields nothing.
   * Throws SluiceError EXPRESSION_FAILED, or EXPRESSION_LIMIT after 50 ms.
   */
  evaluate(input: unknown, bindings: Readonly<Record<string, unknown>>): Promise<unknown>
}

/** Milliseconds, levels of calls, and elements of one array. */
const limits = { timeout: 50, stack: 500, sequence: 100_000 }
/** The longest text that `$pad` makes, in characters. */
const maxPadding = 100_000
/** Longer expressions are programs; those belong in a step. */
const maxSourceLength = 10_000

/** Compiles once; throws an Error with a readable message for a syntax error, or for a regular expression that RE2 cannot run. */
export function compileExpression(source: string): Expression {
  if (source.length > maxSourceLength) throw new Error(`it is longer than ${maxSourceLength} characters`)
  checkNode(compile(source).ast())
  // The syntax tree is large, and most expressions of ten thousand pipelines never run: it is built again when needed.
  let compiled: jsonata.Expression | undefined
  return {
    source,
    async evaluate(input, bindings) {
      compiled ??= compile(source)
      try {
        return plain(await compiled.evaluate(input, bindings))
      } catch (thrown) {
        throw toFailure(source, thrown)
      }
    }
  }
}

function compile(source: string): jsonata.Expression {
  try {
    const compiled = jsonata(source, { ...limits, RegexEngine: LinearRegex as unknown as RegExpConstructor })
    compiled.registerFunction('eval', refuseEval, '<sx?:x>')
    compiled.registerFunction('pad', pad, '<s-ns?:s>')
    return compiled
  } catch (thrown) {
    throw new Error(describe(thrown), { cause: thrown })
  }
}

/** `$eval` would compile what comes with a request. */
function refuseEval(): never {
  throw new Error('$eval is not available')
}

/** JSONata's `$pad`, which as it comes takes any width. */
function pad(text: string | undefined, width: number, filler?: string): string | undefined {
  if (text === undefined) return undefined
  if (Math.abs(width) > maxPadding) throw new Error(`$pad is limited to ${maxPadding} characters`)
  const fill = filler === undefined || filler === '' ? ' ' : filler
  return width < 0 ? text.padStart(-width, fill) : text.padEnd(width, fill)
}

/** Regular expressions are tried at load, so that none fails only when a request meets it. */
function checkNode(node: unknown): void {
  const pending = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next instanceof RegExp) checkRegex(next)
    else if (typeof next === 'object' && next !== null)
      pending.push(...Object.values(next).filter(value => value !== null))
  }
}

const checkRegex = (regex: RegExp): LinearRegex => new LinearRegex(regex)

/** JSONata marks its sequences with extra properties and hands out functions; only JSON leaves. */
function plain(value: unknown): unknown {
  if (value === undefined || typeof value === 'function') return undefined
  return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
}

/** JSONata's codes for a stack that is too deep, a time that is over, a range and a sequence that are too long. */
const limitCodes = new Set(['D1011', 'D1012', 'D2014', 'D2015', 'U1001'])

function toFailure(source: string, thrown: unknown): SluiceError {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
  const shown = source.length > 80 ? `${source.slice(0, 80)}…` : source
  if (limitCodes.has(code) || thrown instanceof RangeError) {
    return new SluiceError(
      'EXPRESSION_LIMIT',
      `the expression ${JSON.stringify(shown)} ran into its limits (${limits.timeout} ms)`
    )
  }
  return new SluiceError('EXPRESSION_FAILED', `the expression ${JSON.stringify(shown)} failed: ${describe(thrown)}`)
}

/** JSONata throws plain objects with a message, whose values it may quote. */
function describe(thrown: unknown): string {
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown)
  const position =
    typeof thrown === 'object' && thrown !== null && 'position' in thrown
      ? ` at character ${String(thrown.position)}`
      : ''
  return `${message.slice(0, 200)}${position}`
}
