import { Refusal } from './refusal.ts'
import { eventAt, type OpaqueData, type Place, type Scope } from './scope.ts'
import { syntaxNodes } from './syntax-nodes.ts'

/*
 * An expression that reads below `data` where that is not JSON would find nothing, and a condition would silently be
 * false. So such a read is an error, which names the content type.
 */

/** Whether an expression could read below `data`; most conditions on attributes and texts cannot. */
export function mayReadBelowData(tree: object): boolean {
  for (const node of syntaxNodes(tree)) {
    if (isNode(node) && (reading.has(String(node['type'])) || isLookup(node) || goesBelowData(stepsOf(node))))
      return true
  }
  return false
}

/** Called by JSONata with each part of an expression before it is evaluated; throws for a read below such data. */
export type Guard = (part: unknown, input: unknown) => void

/** `undefined`: all data is JSON. */
export function guardBelowData(scope: Scope): Guard | undefined {
  if (scope.opaque.length === 0) return undefined
  const texts = textsOf(scope)
  return (part, input) => {
    if (!isNode(part)) return
    const { type } = part
    if (typeof input === 'string' && texts.has(input) && names.has(String(type))) throw refusal(texts.get(input))
    if (type !== 'path') return
    const opaque = opaqueBelow(part, input, scope)
    if (opaque !== undefined) throw refusal(opaque.label)
  }
}

/** Parts that read a member of what they are given. */
const names = new Set(['name', 'wildcard', 'descendant'])
const reading = new Set(['wildcard', 'descendant', 'parent'])

const textsOf = (scope: Scope): ReadonlyMap<string, string | undefined> =>
  new Map(
    scope.opaque.flatMap(({ place, label }) => {
      const event = eventAt(scope, place)
      const data = isNode(event) ? event['data'] : undefined
      return typeof data === 'string' ? [[data, label] as const] : []
    })
  )

function opaqueBelow(path: Node, input: unknown, scope: Scope): OpaqueData | undefined {
  const steps = stepsOf(path)
  const place = placeOf(steps, input === scope.input)
  if (place === undefined || !goesBelowData(steps.slice(place.read, place.read + 2))) return undefined
  return scope.opaque.find(opaque => opaque.place.join('/') === place.place.join('/'))
}

/** The event that a path begins with, and how many of its steps that takes. */
function placeOf(steps: readonly Node[], atInput: boolean): { place: Place; read: number } | undefined {
  const [first, second] = steps
  if (first?.['type'] !== 'variable') return atInput ? { place: [], read: 0 } : undefined
  switch (first['value']) {
    case '':
      return atInput ? { place: [], read: 1 } : undefined
    case '$':
      return { place: [], read: 1 }
    case 'request':
      return { place: ['request'], read: 1 }
    case 'steps':
      return { place: ['steps', String(second?.['value'])], read: 2 }
    default:
      return undefined
  }
}

/** `data` with something behind it: a step, or a filter. */
const goesBelowData = (steps: readonly Node[]): boolean =>
  steps.some(
    (step, i) => step['type'] === 'name' && step['value'] === 'data' && (i + 1 < steps.length || 'stages' in step)
  )

const isLookup = ({ type, procedure }: Node): boolean =>
  type === 'function' && isNode(procedure) && procedure['value'] === 'lookup'

const stepsOf = ({ steps }: Node): readonly Node[] => (Array.isArray(steps) ? steps.filter(isNode) : [])

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

const refusal = (label: string | undefined): Refusal =>
  new Refusal(
    `it reads below "data", which is not JSON: ${label === undefined ? 'it has no content type' : `its content type is ${JSON.stringify(label.slice(0, 80))}`}`
  )
