import { isMap, isScalar, visit, type Alias, type Document, type Node } from 'yaml'
import type { SyntaxFault } from './syntax-fault.ts'

/** Mappings count twice, as a field and as its value. */
const maxDepth = 200
const maxAliases = 100

type Ancestors = readonly unknown[]

/**
 * Mistakes that the parser lets pass and nobody makes on purpose: fields that are written twice (it would compare each
 * with each), endless depth, aliases without an anchor, within it, or by the hundred. The first of the latter ends the
 * search.
 */
export function inspectNodes(document: Document.Parsed): SyntaxFault[] {
  const faults: SyntaxFault[] = []
  const anchors = new Set<string>()
  let aliases = 0
  const enter = (node: Node, ancestors: Ancestors): symbol | undefined => {
    if (isMap(node)) for (const key of repeatedKeys(node.items)) faults.push(twice(key))
    if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor)
    if (ancestors.length <= maxDepth) return undefined
    faults.push({ offset: offsetOf(node), code: 'LIMIT', message: 'the document is nested too deeply' })
    return visit.BREAK
  }
  visit(document, {
    Alias(_key, alias, ancestors) {
      const fault = aliasFault(alias, ancestors, anchors) ?? (++aliases > maxAliases ? tooMany : undefined)
      if (fault === undefined) return undefined
      faults.push({ offset: offsetOf(alias), ...fault })
      return visit.BREAK
    },
    Collection: (_key, node, ancestors) => enter(node, ancestors),
    Scalar: (_key, node, ancestors) => enter(node, ancestors)
  })
  return faults
}

const offsetOf = (node: Node): number => node.range?.[0] ?? 0

const twice = (key: Node): SyntaxFault => ({
  offset: offsetOf(key),
  code: 'DUPLICATE',
  message: 'this field is written twice'
})

function* repeatedKeys(pairs: readonly { readonly key: unknown }[]): Generator<Node> {
  const seen = new Set<unknown>()
  for (const { key } of pairs) {
    if (!isScalar(key)) continue
    if (seen.has(key.value)) yield key
    seen.add(key.value)
  }
}

const tooMany = { code: 'LIMIT', message: `the document has more than ${maxAliases} aliases` } as const

function aliasFault(
  { source }: Alias,
  ancestors: Ancestors,
  anchors: ReadonlySet<string>
): Omit<SyntaxFault, 'offset'> | undefined {
  if (!anchors.has(source)) return { code: 'SYNTAX', message: `there is no anchor &${source} before this alias` }
  const within = ancestors.some(
    node => typeof node === 'object' && node !== null && 'anchor' in node && node.anchor === source
  )
  return within ? { code: 'SYNTAX', message: `the anchor &${source} contains this alias of itself` } : undefined
}
