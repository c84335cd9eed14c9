import { createHash } from 'node:crypto'
import type { Definition } from '../pipeline/plan.ts'

/**
 * Names a generation: definitions with one spec, and with the same ones that they nest, have one digest, in whatever
 * order fields stand; `lifecycle` is not part of it.
 */
export function digestOf({ spec: { lifecycle: _lifecycle, ...spec }, nested }: Omit<Definition, 'baseDir'>): string {
  const hash = createHash('sha256').update(JSON.stringify(spec, inOrder))
  for (const [pipeline, inner] of Object.entries(nested ?? {})) {
    hash.update(`\n${pipeline} `).update(JSON.stringify(inner.spec, inOrder))
  }
  return hash.digest('base64url')
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
