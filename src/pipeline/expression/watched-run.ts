import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import vm from 'node:vm'
import type jsonata from 'jsonata'
import { compileProgram } from './compile-program.ts'
import { expressionLimits as limits } from './expression-limits.ts'
import { Refusal } from './refusal.ts'

/** Runs to its end before it returns, alone on this thread. Throws what JSONata throws, or when the time is over. */
export type WatchedRun = (input: unknown, bindings: Readonly<Record<string, unknown>>) => unknown

/** Under a watchdog that stops even a function of JSONata in the midst of its work. It costs a fifth of a millisecond. */
export function prepareWatchedRun(source: string): WatchedRun {
  room ??= createRoom()
  const { context, script, compile } = room
  const program = compileProgram(compile, source)
  program.assign(afterEachNode as unknown as string, checkText)
  return (input, bindings) => {
    const job: Job = { program, input, bindings, end: undefined }
    context['job'] = job
    try {
      whileStarved(() => void script.runInContext(context, { timeout: limits.milliseconds }))
    } finally {
      context['job'] = undefined
    }
    if (job.end === undefined) throw new Refusal('the expression waits for something that never comes')
    if ('thrown' in job.end) throw job.end.thrown
    return job.end.value
  }
}

interface Job {
  readonly program: jsonata.Expression
  readonly input: unknown
  readonly bindings: Readonly<Record<string, unknown>>
  end: { readonly value: unknown } | { readonly thrown: unknown } | undefined
}

interface Room {
  readonly context: vm.Context
  readonly script: vm.Script
  readonly compile: typeof jsonata
}

/** One for the process, made when the first expression needs it: JSONata in a realm of its own is some megabytes. */
let room: Room | undefined

/** The realm has its own queue of microtasks, which is emptied within the time of the script. */
function createRoom(): Room {
  const module = { exports: {} }
  const globals = { module, exports: module.exports, global: { Buffer }, job: undefined }
  const context = vm.createContext(globals, { microtaskMode: 'afterEvaluate' })
  const filename = createRequire(import.meta.url).resolve('jsonata')
  vm.runInContext(readFileSync(filename, 'utf8'), context, { filename })
  vm.runInContext(shortRegexes, context)
  const script = new vm.Script(`{
    const current = job
    current.program.evaluate(current.input, current.bindings).then(
      value => { current.end = { value } },
      thrown => { current.end = { thrown } }
    )
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

/** The hook that JSONata calls with the value of each part of an expression. */
const afterEachNode = Symbol.for('jsonata.__evaluate_exit')

/** Functions on a text of half a gigabyte cannot be stopped, so none gets that long. */
function checkText(_node: unknown, _input: unknown, _environment: unknown, value: unknown): void {
  if (typeof value === 'string' && value.length > limits.text) throw new RangeError('a text is too long')
}

/** On a busy machine the time may pass without us: an expression that got less than half of it is run again. */
function whileStarved(run: () => void): void {
  for (let triesLeft = 2; ; triesLeft--) {
    const before = process.threadCpuUsage()
    try {
      return run()
    } catch (thrown) {
      const { user, system } = process.threadCpuUsage(before)
      if (triesLeft === 0 || (user + system) / 1000 > limits.milliseconds / 2) throw thrown
    }
  }
}
