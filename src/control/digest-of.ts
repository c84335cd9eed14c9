import { createHash } from 'node:crypto'
import type { Definition } from '../pipeline/plan.ts'

/** Names a generation: definitions with one spec have one digest, in whatever order its fields stand; `lifecycle` is not part of it. */
export function digestOf({ spec: { lifecycle: _lifecycle, ...spec } }: Definition): string {
  return createHash('sha256').update(JSON.stringify(spec, inOrder)).digest('base64url')
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
