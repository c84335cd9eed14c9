import type { FamilySnapshot } from './family-snapshot.ts'

/** The text exposition format 0.0.4 of Prometheus. */
export function exposition(families: readonly FamilySnapshot[]): string {
  return `${families.flatMap(family => [...linesOf(family)]).join('\n')}\n`
}

function* linesOf({ name, help, type, samples }: FamilySnapshot): Iterable<string> {
  yield `# HELP ${name} ${help}`
  yield `# TYPE ${name} ${type}`
  for (const [series, value] of samples) yield `${series} ${value}`
}
