import { createHash } from 'node:crypto'
import type { RunSpec } from '../pipeline/spec/process-spec.ts'
import { isMapping } from '../pipeline/spec/rule.ts'

const longest = 63

/** The name of what is deployed for a step; names that are too long end in a digest of the whole. */
export function childName(pipeline: string, step: string): string {
  const name = `${pipeline}-${step}`
  if (name.length <= longest) return name
  return `${name.slice(0, longest - 9).replace(/-+$/, '')}-${digestOf(name)}`
}

/**
 * The name of what is deployed for an entry of traffic, like that of nothing else: another container has another name, so
 * that it stands beside the one before, and is a destination of its own.
 */
export function canaryName(pipeline: string, step: string, tag: string, run: RunSpec): string {
  const { min: _min, max: _max, idle: _idle, concurrency: _concurrency, ...container } = run
  return childName(pipeline, `${step}-${tag}-${digestOf(JSON.stringify(sorted(container)))}`)
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** The order of fields says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMapping(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
