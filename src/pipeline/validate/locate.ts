import { isAlias, isMap, isNode, isScalar, isSeq, type Document } from 'yaml'
import type { Path } from './finding.ts'

/** The offset in the file of a field or its value; of what should hold it, when it is not there. */
export function locate(document: Document.Parsed, path: Path, at: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? document.range[0]
  for (const key of path) {
    const child = childOf(isAlias(node) ? node.resolve(document) : node, key)
    if (child === undefined) break
    const keyOffset = offsetOf(child.key)
    const valueOffset = offsetOf(child.value)
    offset = at === 'key' ? (keyOffset ?? valueOffset ?? offset) : (valueOffset ?? keyOffset ?? offset)
    node = child.value
  }
  return offset
}

interface Child {
  readonly key: unknown
  readonly value: unknown
}

function childOf(node: unknown, key: string | number): Child | undefined {
  if (isSeq(node) && typeof key === 'number') {
    return key < node.items.length ? { key: undefined, value: node.items[key] } : undefined
  }
  if (!isMap(node)) return undefined
  return node.items.find(pair => isScalar(pair.key) && String(pair.key.value) === String(key))
}

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)
