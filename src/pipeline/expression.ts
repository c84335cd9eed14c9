import jsonata from 'jsonata'
import { mayReadBelowData } from './expression/below-data.ts'
import { compileProgram } from './expression/compile-program.ts'
import { Conduct } from './expression/conduct.ts'
import { toExpressionFailure } from './expression/expression-failure.ts'
import { expressionLimits as limits } from './expression/expression-limits.ts'
import { isLinear, regexWork } from './expression/is-linear.ts'
import { isTruthy } from './expression/is-truthy.ts'
import { oneAtATime } from './expression/one-at-a-time.ts'
import { plainJson } from './expression/plain-json.ts'
import type { Scope } from './expression/scope.ts'
import { runThreaded } from './expression/threaded-run.ts'

/**
 * A compiled JSONata expression. A bad result is refused with EXPRESSION_FAILED, or with EXPRESSION_LIMIT after 50 ms
 * of processor time; `deadline` is on the clock of `performance.now()`, and DEADLINE_EXCEEDED when no time was found
 * before.
 */
export interface Expression {
  readonly source: string
  /** The value for this input, as new JSON; `undefined` when the expression yields nothing. */
  evaluate(input: unknown, bindings: Readonly<Record<string, unknown>>): Promise<unknown>
  /** The same, as far as it must be parsed here. */
  value(scope: Scope, deadline: number): Promise<Evaluated>
  /** Whether the value is true, as JSONata casts. */
  truth(scope: Scope, deadline: number): Promise<boolean>
}

/** The value of an expression. */
export type Evaluated =
  | { readonly kind: 'value'; readonly value: unknown }
  /** Octets of JSON, which is not an event. */
  | { readonly kind: 'json'; readonly octets: Uint8Array }

/**
 * Compiles once; throws an Error with a readable message for a syntax error, or for a regular expression that RE2
 * cannot run.
 */
export function compileExpression(source: string): Expression {
  checkSource(source)
  const tree = compileProgram(jsonata, source, 0).ast()
  return new CompiledExpression(source, {
    linear: isLinear(tree),
    // Regular expressions are tried at load, so that none fails only when a request meets it.
    regexWork: regexWork(tree),
    mayReadBelowData: mayReadBelowData(tree)
  })
}

/**
 * A default within a default (`(a ?? b) ?? c`) is compiled twice by JSONata, and so doubles the work for each level.
 */
function checkSource(source: string): void {
  if (source.length > limits.source) throw new Error(`it is longer than ${limits.source} characters`)
  if (source.split(/\?[?:]/).length > limits.defaults + 1)
    throw new Error(`it has more than ${limits.defaults} of the operators ?? and ?:`)
}

interface Traits {
  readonly linear: boolean
  readonly regexWork: number
  readonly mayReadBelowData: boolean
}

class CompiledExpression implements Expression {
  readonly source: string
  readonly #traits: Traits
  readonly #conduct: Conduct
  /** Compiled when it is needed: its tree is large, and most expressions of ten thousand pipelines never run. */
  #program: jsonata.Expression | undefined

  constructor(source: string, traits: Traits) {
    this.source = source
    this.#traits = traits
    this.#conduct = new Conduct(traits.linear ? 'direct' : 'brisk')
  }

  async evaluate(input: unknown, bindings: Readonly<Record<string, unknown>>): Promise<unknown> {
    const size = this.#traits.regexWork > 0 ? Infinity : 0
    const evaluated = await this.value({ input, bindings, size, late: [], opaque: [] }, Infinity)
    return evaluated.kind === 'json' ? parse(evaluated.octets) : evaluated.value
  }

  async value(scope: Scope, deadline: number): Promise<Evaluated> {
    const here = await this.#direct(scope, plainJson)
    if (here !== undefined) return { kind: 'value', value: here.made }
    const end = await runThreaded(this.source, scope, 'value', this.#conduct, deadline)
    if (end.kind !== 'value' || end.json === undefined) return { kind: 'value', value: undefined }
    return end.isEvent ? { kind: 'value', value: parse(end.json) } : { kind: 'json', octets: end.json }
  }

  async truth(scope: Scope, deadline: number): Promise<boolean> {
    const here = await this.#direct(scope, isTruthy)
    if (here !== undefined) return here.made
    const end = await runThreaded(this.source, scope, 'truth', this.#conduct, deadline)
    return end.kind === 'truth' && end.truth
  }

  /** On the event loop, as most conditions are; `undefined`: it is to run in a thread. */
  async #direct<Made>(scope: Scope, make: (value: unknown) => Made): Promise<{ readonly made: Made } | undefined> {
    if (this.#conduct.lane !== 'direct' || !this.#fitsHere(scope)) return undefined
    return oneAtATime(() => this.#runHere(scope, make))
  }

  async #runHere<Made>(scope: Scope, make: (value: unknown) => Made): Promise<{ readonly made: Made } | undefined> {
    this.#program ??= compileProgram(jsonata, this.source, limits.directMilliseconds)
    const startedAt = performance.now()
    try {
      return { made: make(await this.#program.evaluate(scope.input, scope.bindings)) }
    } catch (thrown) {
      if (isTimeout(thrown)) return undefined
      throw toExpressionFailure(this.source, thrown)
    } finally {
      if (performance.now() - startedAt > limits.directMilliseconds) this.#conduct.overran('direct')
    }
  }

  #fitsHere({ size, late, opaque }: Scope): boolean {
    const { regexWork, mayReadBelowData: guarded } = this.#traits
    const fits = size <= limits.directSize && (regexWork === 0 || size * regexWork <= limits.directRegexWork)
    return fits && late.length === 0 && !(guarded && opaque.length > 0)
  }
}

const parse = (json: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(json))

const isTimeout = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'D1012'
