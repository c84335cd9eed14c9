import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import vm from 'node:vm'
import type jsonata from 'jsonata'
import type { Guard } from './below-data.ts'
import { compileProgram } from './compile-program.ts'
import { expressionLimits as limits } from './expression-limits.ts'
import { Refusal } from './refusal.ts'
import type { Scope } from './scope.ts'

/** An expression, what it sees, and what is made of its value within the same time. */
export interface Job<Made> {
  readonly source: string
  readonly scope: Pick<Scope, 'input' | 'bindings'>
  readonly guard: Guard | undefined
  readonly make: (value: unknown) => Made
}

/** Runs to its end before it returns. Throws what JSONata or `make` throw, or ERR_SCRIPT_EXECUTION_TIMEOUT. */
export type RunJob = <Made>(job: Job<Made>, milliseconds: number) => Made

/** JSONata in a realm of its own, under a watchdog that stops even one of its functions in the midst of its work. */
export function createRealm(): RunJob {
  const { context, script, compile } = createRoom()
  const programs = new Programs(compile)
  return <Made>({ source, scope, guard, make }: Job<Made>, milliseconds: number) => {
    const end: { value?: { readonly made: Made }; thrown?: { readonly error: unknown } } = {}
    const program = programs.get(source, guard !== undefined)
    if (guard !== undefined) program.assign(beforeEachNode, guard)
    const finish = (value: unknown): void => void (end.value = { made: make(value) })
    const fail = (error: unknown): void => void (end.thrown = { error })
    context['job'] = { program, input: scope.input, bindings: scope.bindings, finish, fail }
    try {
      script.runInContext(context, { timeout: milliseconds })
    } finally {
      context['job'] = undefined
    }
    if (end.thrown !== undefined) throw end.thrown.error
    if (end.value === undefined) throw new Refusal('the expression waits for something that never comes')
    return end.value.made
  }
}

/** Compiled ones by what they are made of; when they become many, all are made anew. */
class Programs {
  readonly #compile: typeof jsonata
  readonly #programs = new Map<string, jsonata.Expression>()

  constructor(compile: typeof jsonata) {
    this.#compile = compile
  }

  /** A guard is called with each part, which takes time, so that there is a program without one too. */
  get(source: string, guarded: boolean): jsonata.Expression {
    const key = `${guarded ? '!' : ' '}${source}`
    const known = this.#programs.get(key)
    if (known !== undefined) return known
    const program = compileProgram(this.#compile, source, 0)
    program.assign(afterEachNode, checkText)
    if (this.#programs.size >= maxPrograms) this.#programs.clear()
    this.#programs.set(key, program)
    return program
  }
}

const maxPrograms = 500

interface Room {
  readonly context: vm.Context
  readonly script: vm.Script
  readonly compile: typeof jsonata
}

/**
 * The realm has its own queue of microtasks, which is emptied within the time of the script. Only functions of the
 * realm are called from it.
 */
function createRoom(): Room {
  const module = { exports: {} }
  const globals = { module, exports: module.exports, global: { Buffer }, job: undefined }
  const context = vm.createContext(globals, { microtaskMode: 'afterEvaluate' })
  const filename = createRequire(import.meta.url).resolve('jsonata')
  vm.runInContext(readFileSync(filename, 'utf8'), context, { filename })
  vm.runInContext(shortRegexes, context)
  const script = new vm.Script(`{
    const current = job
    current.program
      .evaluate(current.input, current.bindings)
      .then(value => current.finish(value))
      .then(undefined, thrown => current.fail(thrown))
  }`)
  return { context, script, compile: module.exports as typeof jsonata }
}

/**
 * JSONata makes a regular expression of the picture of a date. V8 cannot be stopped while it compiles one, and takes
 * seconds for a long one.
 */
const shortRegexes = `RegExp = class extends RegExp {
  constructor(source, flags) {
    if (source.length > ${limits.regex}) throw new RangeError('a regular expression is too long')
    super(source, flags)
  }
}`

/** The hooks that JSONata calls before and after it evaluates each part of an expression. */
const beforeEachNode = Symbol.for('jsonata.__evaluate_entry') as unknown as string
const afterEachNode = Symbol.for('jsonata.__evaluate_exit') as unknown as string

/** Functions on a text of half a gigabyte cannot be stopped, so none gets that long. */
function checkText(_node: unknown, _input: unknown, _environment: unknown, value: unknown): void {
  if (typeof value === 'string' && value.length > limits.text) throw new RangeError('a text is too long')
}
