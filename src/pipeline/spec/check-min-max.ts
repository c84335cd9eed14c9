import type { Rule } from './rule.ts'

/** `min` must not be above `max`. */
export const checkMinMax: Rule = ({ min, max }, report) => {
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return
  report(['min'], `must not be more than 'max', which is ${max}`)
}
