import jsonata from 'jsonata'
import { compileProgram } from './expression/compile-program.ts'
import { toExpressionFailure } from './expression/expression-failure.ts'
import { expressionLimits as limits } from './expression/expression-limits.ts'
import { isLinear } from './expression/is-linear.ts'
import { LinearRegex } from './expression/linear-regex.ts'
import { plainJson } from './expression/plain-json.ts'
import { syntaxNodes } from './expression/syntax-nodes.ts'
import { prepareWatchedRun, type WatchedRun } from './expression/watched-run.ts'

/** A compiled JSONata expression. */
export interface Expression {
  readonly source: string
  /**
   * The value for this input, as new JSON; `undefined` when the expression yields nothing.
   * Throws SluiceError EXPRESSION_FAILED, or EXPRESSION_LIMIT after 50 ms.
   */
  evaluate(input: unknown, bindings: Bindings): Promise<unknown>
}

type Bindings = Readonly<Record<string, unknown>>

/** Compiles once; throws an Error with a readable message for a syntax error, or for a regular expression that RE2 cannot run. */
export function compileExpression(source: string): Expression {
  checkSource(source)
  const tree = compileProgram(jsonata, source).ast()
  for (const node of syntaxNodes(tree)) if (node instanceof RegExp) checkRegex(node)
  const run = isLinear(tree) ? preferDirectRun(source) : preferWatchedRun(source)
  return {
    source,
    async evaluate(input, bindings) {
      try {
        return plainJson(await run(input, bindings))
      } catch (thrown) {
        throw toExpressionFailure(source, thrown)
      }
    }
  }
}

/** A default within a default (`(a ?? b) ?? c`) is compiled twice by JSONata, and so doubles the work for each level. */
function checkSource(source: string): void {
  if (source.length > limits.source) throw new Error(`it is longer than ${limits.source} characters`)
  if (source.split(/\?[?:]/).length > limits.defaults + 1)
    throw new Error(`it has more than ${limits.defaults} of the operators ?? and ?:`)
}

/** Regular expressions are tried at load, so that none fails only when a request meets it. */
const checkRegex = (regex: RegExp): LinearRegex => new LinearRegex(regex)

type Run = (input: unknown, bindings: Bindings) => unknown

/**
 * On the event loop, where 50 ms pass for what runs beside it too; so only the watched run, which is alone, decides
 * that an expression takes too long. The program is compiled when it is needed: its tree is large, and most
 * expressions of ten thousand pipelines never run.
 */
function preferDirectRun(source: string): Run {
  const watched = preferWatchedRun(source)
  let program: jsonata.Expression | undefined
  return async (input, bindings) => {
    program ??= compileProgram(jsonata, source)
    try {
      return (await program.evaluate(input, bindings)) as unknown
    } catch (thrown) {
      if (!isTimeout(thrown)) throw thrown
      return watched(input, bindings)
    }
  }
}

function preferWatchedRun(source: string): Run {
  let watched: WatchedRun | undefined
  return (input, bindings) => {
    watched ??= prepareWatchedRun(source)
    return watched(input, bindings)
  }
}

const isTimeout = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'D1012'
