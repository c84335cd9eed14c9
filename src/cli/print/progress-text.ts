import type { Fields } from '../../pipeline/spec/rule.ts'

/** `120 of 5000 replayed, 3 skipped, 1 refused`, of a bulk replay. */
export function progressText({ replayed, skipped, refused, total }: Fields): string {
  const all = total === undefined ? '' : ` of ${Number(total)}`
  const others = Object.entries({ skipped, refused }).filter(([, count]) => Number(count) > 0)
  return [`${String(replayed)}${all} replayed`, ...others.map(([what, count]) => `${String(count)} ${what}`)].join(', ')
}
