import { LinearRegex } from './linear-regex.ts'
import { syntaxNodes } from './syntax-nodes.ts'

/** Neither multiplies what it is given nor names it for later: no lambdas, sorts, ranges … */
const plainNodes = new Set([
  'string',
  'number',
  'value',
  'name',
  'variable',
  'path',
  'filter',
  'condition',
  'binary',
  'unary',
  'block',
  'function',
  'apply',
  'regex'
])

/** Functions whose time grows with the size of their arguments, and no faster. */
const plainFunctions = new Set([
  'average',
  'boolean',
  'contains',
  'count',
  'exists',
  'length',
  'lookup',
  'lowercase',
  'match',
  'max',
  'min',
  'not',
  'number',
  'string',
  'substringAfter',
  'substringBefore',
  'sum',
  'type',
  'uppercase'
])

/** Longer ones could name the data often enough to make much of it. */
const maxSyntaxNodes = 500

/**
 * Whether JSONata's own checks between the parts of an expression are enough to stop it in time, because no part can
 * take long by itself. Most conditions are such; the others need a watchdog.
 */
export function isLinear(tree: object): boolean {
  let count = 0
  for (const node of syntaxNodes(tree)) {
    if (++count > maxSyntaxNodes || !isPlain(node)) return false
  }
  return true
}

/** Instructions of the regular expressions in it, each of which may look at each octet: their engine is linear. */
export function regexWork(tree: object): number {
  let work = 0
  for (const node of syntaxNodes(tree)) if (node instanceof RegExp) work += new LinearRegex(node).size
  return work
}

function isPlain(node: object): boolean {
  if (node instanceof RegExp) return true
  if (!isNode(node)) return false
  if (typeof node['type'] !== 'string') return Array.isArray(node)
  if (!plainNodes.has(node['type']) || 'group' in node || 'tuple' in node || 'index' in node) return false
  if (node['type'] === 'binary') return node['value'] !== '..'
  if (node['type'] === 'apply') return isNode(node['rhs']) && node['rhs']['type'] === 'regex'
  if (node['type'] === 'function') return isPlainCall(node['procedure'])
  return node['type'] !== 'path' || isPlainPath(node['steps'])
}

const isPlainCall = (procedure: unknown): boolean =>
  isNode(procedure) && procedure['type'] === 'variable' && plainFunctions.has(String(procedure['value']))

/** A path that begins anew in its midst (`items.$$.data`) multiplies. */
const isPlainPath = (steps: unknown): boolean =>
  Array.isArray(steps) && steps.slice(1).every(step => isNode(step) && step['type'] === 'name')

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
