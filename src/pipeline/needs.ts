import { nestedKey, nestingsOf } from './nesting.ts'

/** The parts of a spec that name other pipelines. */
export interface Needing {
  readonly steps?: unknown
  readonly dependsOn?: readonly string[] | undefined
}

const none: ReadonlySet<string> = new Set()

/** `namespace/name` of each pipeline that one needs to serve: those that it depends on, and those that it nests. */
export function needsOf(spec: Needing, namespace: string): ReadonlySet<string> {
  const nested = [...nestingsOf(spec, namespace)].map(({ pipeline }) => pipeline)
  const named = (spec.dependsOn ?? []).map(written => nestedKey(written, namespace))
  return nested.length + named.length === 0 ? none : new Set([...named, ...nested])
}
