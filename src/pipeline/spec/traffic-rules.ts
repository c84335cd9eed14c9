import { found } from './found.ts'
import { isMapping, type Report, type Rule } from './rule.ts'

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)

/** Shares are at most all of the calls, and what no entry names goes somewhere. */
export const checkTraffic: Rule = ({ traffic, rollout, uri, ref, run }, report) => {
  if (!Array.isArray(traffic)) return
  const entries = traffic.filter(isMapping)
  const tags = new Set<unknown>()
  for (const [i, entry] of traffic.entries()) {
    const tag: unknown = isMapping(entry) ? entry['tag'] : undefined
    if (tag === undefined) continue
    if (tags.has(tag)) report(['traffic', i, 'tag'], `must be unique, but another entry is called ${found(tag)}`)
    tags.add(tag)
  }
  const rolled = isMapping(rollout) ? rollout['tag'] : undefined
  if (rolled !== undefined) checkRolled(traffic, rolled, report)
  const percents = entries.filter(({ tag }) => tag === undefined || tag !== rolled).map(({ percent }) => percent)
  const sum = sumOf(percents.filter(percent => typeof percent === 'number'))
  if (sum > 100 + 1e-9) report(['traffic'], `must have percents of at most 100 together, found ${sum}`)
  const hasOwn = uri !== undefined || ref !== undefined || run !== undefined
  if (sum < 100 - 1e-9 && !hasOwn && !percents.includes(undefined)) {
    const hint = "give an entry without a percent, or the step a 'uri'"
    report(['traffic'], `leaves ${100 - sum} percent of the calls without a destination`, hint)
  }
}

/** The entry whose share grows by itself has none of its own. */
function checkRolled(traffic: readonly unknown[], tag: unknown, report: Report): void {
  const place = traffic.findIndex(entry => isMapping(entry) && entry['tag'] === tag)
  if (place === -1) report(['rollout', 'tag'], `must be the tag of an entry of 'traffic', found ${found(tag)}`)
  const entry = traffic[place]
  const percent: unknown = isMapping(entry) ? entry['percent'] : undefined
  if (percent === undefined || percent === 0) return
  report(['traffic', place, 'percent'], "must be 0 or absent, since 'rollout' gives the entry its share")
}

/** A canary is the step's own `run` with other fields, so that there has to be one that is deployed. */
export const checkCanaries: Rule = ({ traffic, run }, report) => {
  if (!Array.isArray(traffic) || (isMapping(run) && run['image'] !== undefined)) return
  if (!traffic.some(entry => isMapping(entry) && entry['run'] !== undefined)) return
  report(['traffic'], "has an entry with 'run', which needs a 'run' of the step with an 'image'")
}
