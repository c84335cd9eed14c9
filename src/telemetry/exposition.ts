import type { FamilySnapshot } from './family-snapshot.ts'

/** A family as it is exposed; its samples by name and labels, as they stand in the text. */
export interface ExposedFamily extends Pick<FamilySnapshot, 'name' | 'help' | 'type'> {
  readonly samples: Iterable<readonly [series: string, value: number]>
}

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

const chunkLength = 64 * 1024

/**
 * The text exposition format 0.0.4 of Prometheus, in pieces, each of which takes a millisecond: ten thousand pipelines
 * fill tens of megabytes.
 */
export function* exposition(families: Iterable<ExposedFamily>): Iterable<string> {
  let chunk = ''
  for (const { name, help, type, samples } of families) {
    chunk += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
    for (const [series, value] of samples) {
      chunk += `${series} ${value}\n`
      if (chunk.length < chunkLength) continue
      yield chunk
      chunk = ''
    }
  }
  yield chunk
}
