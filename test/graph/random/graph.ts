import * as fc from 'fast-check'

/** A destination answers so, whoever asks. */
export type Answer = 'reply' | 'empty' | 'fail'

interface AnyNode {
  readonly name: string
  readonly when: boolean
  readonly input: 'previous' | 'request'
  readonly onEmpty: 'stop' | 'pass' | 'fail'
  readonly onFailure: 'fail' | 'continue' | 'data'
}

/** A step of a random graph. */
export type GraphNode =
  | (AnyNode & { readonly kind: 'call'; readonly answer: Answer })
  | (AnyNode & { readonly kind: 'transform' })
  | (AnyNode & { readonly kind: 'switch'; readonly choices: readonly Choice[]; readonly otherwise: Graph | undefined })
  | (AnyNode & { readonly kind: 'split'; readonly chosen: number; readonly choices: readonly Choice[] })
  | (AnyNode & { readonly kind: 'pipeline'; readonly steps: Graph })
  | (AnyNode & {
      readonly kind: 'parallel'
      readonly join: 'merge' | 'array' | 'first' | 'race'
      readonly require: 'all' | number
      readonly branches: readonly Choice[]
    })

export type Graph = readonly GraphNode[]

export interface Choice {
  readonly name: string
  readonly when: boolean
  readonly steps: Graph
}

/** Weighted towards graphs in which much happens. */
const often = fc.constantFrom(true, true, true, true, false)

const common = {
  when: often,
  input: fc.constantFrom('previous', 'previous', 'request'),
  onEmpty: fc.constantFrom('stop', 'pass', 'fail'),
  onFailure: fc.constantFrom('fail', 'fail', 'continue', 'data')
} as const

type Unnamed = Record<string, unknown>

const { graph } = fc.letrec<{ graph: Unnamed[]; node: Unnamed; choice: Unnamed }>(tie => ({
  graph: fc.array(tie('node'), { minLength: 1, maxLength: 3, depthIdentifier: 'graph' }),
  choice: fc.record({ when: often, steps: tie('graph') }),
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 4, depthIdentifier: 'graph' },
    fc.record({
      kind: fc.constant('call'),
      answer: fc.constantFrom('reply', 'reply', 'reply', 'reply', 'empty', 'fail'),
      ...common
    }),
    fc.record({ kind: fc.constant('transform'), ...common }),
    fc.record({
      kind: fc.constant('switch'),
      choices: fc.array(tie('choice'), { minLength: 1, maxLength: 2 }),
      otherwise: fc.option(tie('graph'), { nil: undefined }),
      ...common
    }),
    fc.record({
      kind: fc.constant('split'),
      chosen: fc.nat(2),
      choices: fc.array(tie('choice'), { minLength: 1, maxLength: 3 }),
      ...common
    }),
    fc.record({ kind: fc.constant('pipeline'), steps: tie('graph'), ...common }),
    fc.record({
      kind: fc.constant('parallel'),
      join: fc.constantFrom('merge', 'merge', 'array', 'first', 'race'),
      require: fc.constantFrom('all', 'all', 1, 2),
      branches: fc.array(tie('choice'), { minLength: 1, maxLength: 3 }),
      ...common
    })
  )
}))

/** Graphs of all kinds, to a depth; each step has a name of its own. */
export const graphs: fc.Arbitrary<Graph> = graph.map(unnamed => {
  let count = 0
  const nameAll = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(nameAll)
    if (typeof value !== 'object' || value === null) return value
    const name = `n${count++}`
    return Object.fromEntries([['name', name], ...Object.entries(value).map(([key, part]) => [key, nameAll(part)])])
  }
  return bounded(nameAll(unnamed) as Graph)
})

/** No more replies can be asked for than there are branches. */
function bounded(steps: Graph): Graph {
  return steps.map(node => {
    switch (node.kind) {
      case 'parallel': {
        const { require, branches } = node
        const most = require === 'all' ? require : Math.min(require, branches.length)
        return { ...node, require: most, branches: branches.map(boundedChoice) }
      }
      case 'switch':
        return {
          ...node,
          choices: node.choices.map(boundedChoice),
          otherwise: node.otherwise && bounded(node.otherwise)
        }
      case 'split':
        return { ...node, choices: node.choices.map(boundedChoice), chosen: node.chosen % node.choices.length }
      case 'pipeline':
        return { ...node, steps: bounded(node.steps) }
      case 'call':
      case 'transform':
        return node
    }
  })
}

const boundedChoice = (choice: Choice): Choice => ({ ...choice, steps: bounded(choice.steps) })

/** The answers of the destinations of a graph. */
export function answersOf(graph: Graph): Map<string, Answer> {
  const answers = new Map<string, Answer>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('answer' in value && 'name' in value) answers.set(String(value.name), value.answer as Answer)
    for (const part of Object.values(value)) visit(part)
  }
  visit(graph)
  return answers
}
