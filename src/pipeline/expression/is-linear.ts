import { syntaxNodes } from './syntax-nodes.ts'

/** Neither multiplies what it is given nor names it for later: no lambdas, sorts, ranges, regular expressions … */
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
  'function'
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

function isPlain(node: object): boolean {
  if (!isNode(node)) return false
  if (typeof node['type'] !== 'string') return Array.isArray(node)
  if (!plainNodes.has(node['type']) || 'group' in node || 'tuple' in node || 'index' in node) return false
  if (node['type'] === 'binary') return node['value'] !== '..'
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
