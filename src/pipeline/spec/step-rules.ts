import { checkUri } from './destination-spec.ts'
import { found } from './found.ts'
import { isMapping, type Fields, type Rule } from './rule.ts'
import { defaultChoiceName } from './step-name.ts'

/** Each is a kind of step on its own; `uri` and `ref` are one kind together. */
const kinds = ['uri', 'ref', 'run', 'pipeline', 'switch', 'parallel', 'split', 'transform', 'traffic'] as const

/** Kinds that call a destination. */
const calling = new Set<string>(['uri', 'ref', 'run', 'traffic'])

const callOptions = [
  'headers',
  'protocol',
  'reply',
  'replyType',
  'stream',
  'idleTimeout',
  'timeout',
  'circuitBreaker',
  'concurrency',
  'mirror',
  'hedge',
  'cache',
  'resources'
]

/** Kinds that hold steps, whose options they give defaults. */
const structured = new Set<string>(['pipeline', 'switch', 'parallel', 'split'])

const kindsOf = (step: Fields): (typeof kinds)[number][] =>
  kinds.filter(kind => step[kind] !== undefined && !isBeside(kind, step))

/** `uri` may be beside `ref`, and `traffic` beside a destination of the step's own. */
const isBeside = (kind: string, { uri, ref, run }: Fields): boolean =>
  kind === 'uri'
    ? ref !== undefined
    : kind === 'traffic' && (uri !== undefined || ref !== undefined || run !== undefined)

/** A step does exactly one thing. */
export const checkKind: Rule = (step, report) => {
  const [first, ...others] = kindsOf(step)
  if (first === undefined) report([], "needs a 'uri', a 'ref', 'run', 'transform' or another kind of step")
  for (const other of others) {
    report([other], `must not be beside '${first}': a step is of one kind`, 'make it a step of its own')
  }
}

/** Fields that mean something only beside another. */
export const checkBesides: Rule = (step, report) => {
  const needs = (field: string, other: string): void => {
    if (step[field] !== undefined && step[other] === undefined)
      report([field], `means something only beside '${other}'`)
  }
  needs('otherwise', 'switch')
  needs('key', 'split')
  needs('rollout', 'traffic')
  if (step['hedge'] !== undefined && step['safe'] !== true) {
    report(['hedge'], "needs 'safe: true': a hedged step is called twice")
  }
}

/** Options of a call on a step that calls nothing would be ignored in silence. */
export const checkOptions: Rule = (step, report) => {
  const [kind] = kindsOf(step)
  if (kind === undefined) return
  const idle = [
    ...(kind === 'uri' || kind === 'ref' ? [] : ['CACerts', 'audience']),
    ...(calling.has(kind) ? [] : callOptions),
    ...(kind === 'traffic' ? ['headers'] : []),
    ...(structured.has(kind) ? ['safe'] : []),
    ...(kind === 'transform' ? ['input', 'onEmpty'] : [])
  ]
  for (const field of idle) {
    if (step[field] !== undefined) report([field], `does nothing on a step with '${kind}'`, 'take it away')
  }
}

/** The join of a parallel step tells its branches apart by name, and cannot require more of them than there are. */
export const checkBranches: Rule = ({ parallel }, report) => {
  const fields = isMapping(parallel) ? parallel : {}
  const branches = mappingsOf(fields['branches'])
  const names = new Set<unknown>()
  for (const [i, { name }] of branches) {
    if (names.has(name))
      report(['parallel', 'branches', i, 'name'], `must be unique, but another branch is called ${found(name)}`)
    names.add(name)
  }
  const required = fields['require']
  if (typeof required === 'number' && required > branches.length) {
    report(['parallel', 'require'], `must not be more than the number of branches, which is ${branches.length}`)
  }
}

/** Every choice of a split goes somewhere, and at least one of them is ever taken. */
export const checkSplit: Rule = ({ split }, report) => {
  const choices = mappingsOf(split)
  for (const [i, choice] of choices) {
    checkUri(choice, (path, message) => report(['split', i, ...path], message))
    const called = choice['uri'] !== undefined || choice['ref'] !== undefined
    if (called === (choice['steps'] !== undefined)) {
      report(['split', i], "needs either 'steps' or a destination ('uri' or 'ref')")
    }
  }
  if (choices.length > 0 && choices.every(([, { weight }]) => weight === 0)) {
    report(['split'], 'must have a weight above 0')
  }
}

/** Choices are told apart by name, in paths; what stands beside them is called `otherwise`. */
export const checkChoiceNames: Rule = (step, report) => {
  for (const kind of ['switch', 'split'] as const) {
    const names = new Set<unknown>(kind === 'switch' && step['otherwise'] !== undefined ? ['otherwise'] : [])
    for (const [i, choice] of mappingsOf(step[kind])) {
      const name = choice['name'] ?? defaultChoiceName(i)
      if (names.has(name)) report([kind, i, 'name'], `must be unique, but another choice is called ${found(name)}`)
      names.add(name)
    }
  }
}

const mappingsOf = (list: unknown): [number, Fields][] =>
  Array.isArray(list)
    ? list.flatMap((entry, i) => (isMapping(entry) ? [[i, entry] satisfies [number, Fields]] : []))
    : []
