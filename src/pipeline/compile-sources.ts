import { durationMs } from './duration.ts'
import type { SourcePlan } from './source-plan.ts'
import type { SourceSpec } from './spec/sources-spec.ts'

const none: readonly SourcePlan[] = []

/** `pipeline`: `namespace/name`. */
export const compileSources = (specs: readonly SourceSpec[] | undefined, pipeline: string): readonly SourcePlan[] =>
  specs === undefined ? none : specs.map(spec => compileSource(spec, pipeline))

function compileSource({ name, redisStream, schedule, http }: SourceSpec, pipeline: string): SourcePlan {
  if (redisStream !== undefined) {
    const { url, stream, group = `sluice.${pipeline.replace('/', '.')}` } = redisStream
    return { kind: 'redisStream', name, url, stream, group }
  }
  if (schedule !== undefined) {
    const { cron, timezone = 'UTC', data } = schedule
    return { kind: 'schedule', name, cron, timezone, data: data === undefined ? undefined : octetsOf(data) }
  }
  if (http === undefined) throw new TypeError('a source reads something')
  return { kind: 'http', name, url: http.url, everyMs: durationMs(http.every) }
}

const octetsOf = (data: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(data))
