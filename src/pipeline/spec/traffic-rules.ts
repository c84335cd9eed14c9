import { found } from './found.ts'
import { isMapping, type Rule } from './rule.ts'

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)

/** Shares are at most all of the calls, and what no entry names goes somewhere. */
export const checkTraffic: Rule = ({ traffic, uri, ref, run }, report) => {
  if (!Array.isArray(traffic)) return
  const entries = traffic.filter(isMapping)
  const tags = new Set<unknown>()
  for (const [i, entry] of traffic.entries()) {
    const tag: unknown = isMapping(entry) ? entry['tag'] : undefined
    if (tag === undefined) continue
    if (tags.has(tag)) report(['traffic', i, 'tag'], `must be unique, but another entry is called ${found(tag)}`)
    tags.add(tag)
  }
  const percents = entries.map(({ percent }) => percent)
  const sum = sumOf(percents.filter(percent => typeof percent === 'number'))
  if (sum > 100 + 1e-9) report(['traffic'], `must have percents of at most 100 together, found ${sum}`)
  const hasOwn = uri !== undefined || ref !== undefined || run !== undefined
  if (sum < 100 - 1e-9 && !hasOwn && !percents.includes(undefined)) {
    const hint = "give an entry without a percent, or the step a 'uri'"
    report(['traffic'], `leaves ${100 - sum} percent of the calls without a destination`, hint)
  }
}
