import type { Across, FamilySnapshot } from './family-snapshot.ts'

/** The metrics of several processes as those of one gateway. */
export function mergeSnapshots(processes: Iterable<readonly FamilySnapshot[]>): readonly FamilySnapshot[] {
  const merged = new Map<string, FamilySnapshot & { readonly samples: Map<string, number> }>()
  for (const family of [...processes].flat()) {
    const known = merged.get(family.name) ?? { ...family, samples: new Map<string, number>() }
    merged.set(family.name, known)
    for (const [series, value] of family.samples) {
      const before = known.samples.get(series)
      known.samples.set(series, before === undefined ? value : across[family.across](before, value))
    }
  }
  return [...merged.values()]
}

const across: Readonly<Record<Across, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min
}
