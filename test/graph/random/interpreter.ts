import type { Choice, Graph, GraphNode } from './graph.ts'
import { fallbackOf } from './definition.ts'

/** The ends that a request may come to. Data is JSON text; a failure is told by the name of the step. */
export type Outcome =
  | { readonly kind: 'replied'; readonly data: string }
  | { readonly kind: 'filtered' }
  | { readonly kind: 'failed'; readonly step: string }

type Result = Outcome | { readonly kind: 'passed' }

/** All that may happen: of branches that run at the same time, any may be the first to end. */
export interface Meaning {
  readonly outcomes: readonly Outcome[]
  /** `NAME INPUT` of each call that may be made. */
  readonly calls: ReadonlySet<string>
  /** No branch can be aborted or win by being the first, so that each of the calls is made. */
  readonly exact: boolean
}

/** The reply of a call that replies. */
export const replyTo = (name: string, input: string): string => JSON.stringify(`${name} of ${digest(input)}`)

/** Short, however deep the graph is. */
function digest(text: string): string {
  let hash = 7
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) % 1_000_003
  return `${text.length}-${hash}`
}

/** The graph as a person would explain it, for an event with this data. */
export function meaningOf(graph: Graph, data: string): Meaning {
  const reader = new Interpreter()
  return { outcomes: reader.sequence(graph, data, data), calls: reader.calls, exact: reader.exact }
}

class Interpreter {
  readonly calls = new Set<string>()
  exact = true

  sequence(steps: Graph, first: string, original: string): Outcome[] {
    const ends: Outcome[] = []
    let current = [first]
    for (const step of steps) {
      const next: string[] = []
      for (const data of current) {
        for (const result of this.#step(step, data, original)) {
          if (result.kind === 'replied') next.push(result.data)
          else if (result.kind === 'passed') next.push(data)
          else ends.push(result)
        }
      }
      current = [...new Set(next)]
    }
    return unique([...ends, ...current.map((data): Outcome => ({ kind: 'replied', data }))])
  }

  /** A remedy stands in for any failure of the step, be it of one inside. */
  #step(node: GraphNode, data: string, original: string): Result[] {
    if (!node.when) return [{ kind: 'passed' }]
    return this.#own(node, data, original).map(result => {
      if (result.kind !== 'failed' || node.onFailure === 'fail') return result
      if (node.onFailure === 'continue') return { kind: 'passed' }
      return { kind: 'replied', data: JSON.stringify(fallbackOf(node.name)) }
    })
  }

  #own(node: GraphNode, data: string, original: string): Result[] {
    if (node.kind === 'transform') return [{ kind: 'replied', data: JSON.stringify(`made by ${node.name}`) }]
    const input = node.input === 'request' ? original : data
    if (node.kind === 'call') return [this.#call(node, input)]
    return this.#inside(node, input, original).map(result => (result.kind === 'filtered' ? emptied(node) : result))
  }

  #call(node: Extract<GraphNode, { kind: 'call' }>, input: string): Result {
    const { name, answer } = node
    this.calls.add(`${name} ${input}`)
    if (answer === 'fail') return { kind: 'failed', step: name }
    return answer === 'empty' ? emptied(node) : { kind: 'replied', data: replyTo(name, input) }
  }

  #inside(node: Exclude<GraphNode, { kind: 'call' | 'transform' }>, input: string, original: string): Result[] {
    switch (node.kind) {
      case 'switch': {
        const chosen = node.choices.find(({ when }) => when)?.steps ?? node.otherwise
        return chosen === undefined ? [{ kind: 'passed' }] : this.sequence(chosen, input, original)
      }
      case 'split':
        return this.sequence(node.choices[node.chosen]?.steps ?? [], input, original)
      case 'pipeline':
        return this.sequence(node.steps, input, input)
      case 'parallel':
        return this.#parallel(node, input, original)
    }
  }

  #parallel(node: Extract<GraphNode, { kind: 'parallel' }>, input: string, original: string): Outcome[] {
    const each = node.branches.map(({ when, steps }): readonly End[] =>
      when ? this.sequence(steps, input, original) : ['skipped']
    )
    const joins = combinations(each).map(ends => join(node, ends))
    const outcomes = unique(joins.flatMap(join => join.outcomes))
    const waitsForAll = node.branches.length === 1 || joins.every(join => join.waitsForAll)
    if (outcomes.length > 1 || !waitsForAll) this.exact = false
    return outcomes
  }
}

function emptied({ name, onEmpty }: Pick<GraphNode, 'name' | 'onEmpty'>): Result {
  if (onEmpty === 'pass') return { kind: 'passed' }
  return onEmpty === 'fail' ? { kind: 'failed', step: name } : { kind: 'filtered' }
}

type End = Outcome | 'skipped'

interface Join {
  readonly outcomes: readonly Outcome[]
  /** It cannot be decided before every branch has ended. */
  readonly waitsForAll: boolean
}

/** The branches ended so, in any order of time. */
function join(node: Extract<GraphNode, { kind: 'parallel' }>, ends: readonly End[]): Join {
  const failures = ends.flatMap(end => (end !== 'skipped' && end.kind === 'failed' ? [end] : []))
  const replies = ends.flatMap(end => (end !== 'skipped' && end.kind === 'replied' ? [end] : []))
  const empty: Outcome = { kind: 'filtered' }
  if (ends.every(end => end === 'skipped')) return { outcomes: [empty], waitsForAll: true }
  if (node.require === 'all' && failures.length > 0) return { outcomes: failures, waitsForAll: false }
  if (node.require !== 'all' && replies.length < node.require) {
    // Branches that neither replied nor failed may have been enough to decide it before anything failed.
    const silent = ends.length - replies.length - failures.length
    const mayBeEmpty = failures.length === 0 || ends.length - silent < node.require
    return { outcomes: [...failures, ...(mayBeEmpty ? [empty] : [])], waitsForAll: false }
  }
  if (node.join === 'merge' || node.join === 'array') return { outcomes: [joined(node, ends)], waitsForAll: true }
  if (replies.length === 0) return { outcomes: [empty], waitsForAll: true }
  const [first] = replies
  const outcomes = node.join === 'race' || first === undefined ? replies : [first]
  return { outcomes, waitsForAll: node.require === 'all' }
}

function joined({ join: how, branches }: Extract<GraphNode, { kind: 'parallel' }>, ends: readonly End[]): Outcome {
  const dataOf = (end: End | undefined) =>
    end !== undefined && end !== 'skipped' && end.kind === 'replied' ? end.data : undefined
  const members = branches.flatMap(({ name }: Choice, i) => {
    const data = dataOf(ends[i])
    return data === undefined ? [] : [`${JSON.stringify(name)}:${data}`]
  })
  const data = how === 'array' ? `[${ends.map(end => dataOf(end) ?? 'null').join(',')}]` : `{${members.join(',')}}`
  return { kind: 'replied', data }
}

const combinations = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((found, list) => found.flatMap(one => list.map(item => [...one, item])), [[]])

const unique = (outcomes: readonly Outcome[]): Outcome[] => [
  ...new Map(outcomes.map(outcome => [JSON.stringify(outcome), outcome])).values()
]

/** An outcome: `told` is the data of a reply, or the name of the step that failed. */
export function outcomeOf(kind: Outcome['kind'], told: string): Outcome {
  if (kind === 'replied') return { kind, data: told }
  return kind === 'failed' ? { kind, step: told } : { kind }
}
