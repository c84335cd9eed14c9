import { namedSteps } from '../expression/named-steps.ts'
import { isMapping, type Fields } from '../spec/rule.ts'
import { stepNames } from '../spec/step-name.ts'
import type { Finding, Path } from './finding.ts'
import { nearest } from './nearest.ts'
import { valueAt } from './value-at.ts'

/** Expressions of a document that ask for the reply of what is not a step before them, in their sequence or around it. */
export function* stepNameFindings(document: unknown): Generator<Finding> {
  const at = ['spec', 'steps']
  const steps = valueAt(document, at)
  yield* inSequence(steps, at, { before: [], names: stepNames(steps) })
}

interface Scope {
  /** The steps that have ended where an expression is evaluated. */
  readonly before: readonly string[]
  /** Of all steps of the definition. */
  readonly names: ReadonlyMap<object, string>
}

function* inSequence(steps: unknown, at: Path, { before, names }: Scope): Generator<Finding> {
  const known = [...before]
  for (const [i, step] of mappingsIn(steps)) {
    const path = [...at, i]
    const scope = { before: known, names }
    yield* expressionsOf(step, path, scope)
    yield* inChoices(step['switch'], [...path, 'switch'], scope)
    yield* inSequence(step['otherwise'], [...path, 'otherwise'], scope)
    yield* inChoices(valueAt(step, ['parallel', 'branches']), [...path, 'parallel', 'branches'], scope)
    yield* inChoices(step['split'], [...path, 'split'], scope)
    known.push(names.get(step) ?? '')
  }
}

function* inChoices(choices: unknown, at: Path, scope: Scope): Generator<Finding> {
  for (const [i, choice] of mappingsIn(choices)) {
    yield* findingsOf(choice, [...at, i], ['when'], scope)
    yield* inSequence(choice['steps'], [...at, i, 'steps'], scope)
  }
}

const expressions: readonly Path[] = [['when'], ['input'], ['transform'], ['key'], ['cache', 'key']]

function* expressionsOf(step: Fields, at: Path, scope: Scope): Generator<Finding> {
  for (const place of expressions) yield* findingsOf(step, at, place, scope)
}

function* findingsOf(holder: Fields, at: Path, place: Path, { before, names }: Scope): Generator<Finding> {
  const source = valueAt(holder, place)
  if (typeof source !== 'string') return
  for (const name of new Set(namedSteps(source))) {
    if (before.includes(name)) continue
    yield { path: [...at, ...place], at: 'value', code: 'INVALID', ...tellWrong(name, before, names) }
  }
}

function tellWrong(name: string, before: readonly string[], names: Scope['names']): Pick<Finding, 'message' | 'hint'> {
  const isStep = names.values().some(known => known === name)
  const why = isStep ? 'is not before this, in its own sequence or one around it' : 'is not a step'
  const meant = nearest(name, before)
  return {
    message: `asks for $steps.${name}, which ${why}`,
    hint: meant === undefined ? undefined : `did you mean '${meant}'?`
  }
}

const mappingsIn = (list: unknown): readonly (readonly [number, Fields])[] =>
  Array.isArray(list) ? list.flatMap((one: unknown, i) => (isMapping(one) ? [[i, one] as const] : [])) : []
