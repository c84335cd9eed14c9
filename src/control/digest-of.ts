import { createHash } from 'node:crypto'
import type { Definition } from '../pipeline/plan.ts'

/** What two definitions have in common that are one generation: the spec, in any order of its fields, but its lifecycle. */
export function digestOf({ spec: { lifecycle: _lifecycle, ...spec } }: Definition): string {
  return createHash('sha256').update(JSON.stringify(spec, inOrder)).digest('base64url')
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
