import { expressionLimits as limits } from './expression-limits.ts'

/**
 * A copy as JSON would carry it: JSONata marks its sequences with extra properties and hands out functions, and may
 * give one object thousands of times. Throws RangeError for a result that is too large or too deep.
 */
export function plainJson(value: unknown): unknown {
  let left = limits.result
  const copy = (part: unknown): unknown => {
    left -= typeof part === 'string' ? part.length : 1
    if (left < 0) throw new RangeError('the result is too large')
    if (Array.isArray(part)) return part.map(item => copy(item) ?? null)
    if (typeof part === 'number') return Number.isFinite(part) ? part : null
    if (typeof part !== 'object' || part === null) return typeof part === 'function' ? undefined : part
    if (isFunction(part)) return undefined
    // `fromEntries` makes a property of every name, `__proto__` too.
    return Object.fromEntries(Object.entries(part).flatMap(([name, item]) => member(name, copy(item))))
  }
  return copy(value)
}

const member = (name: string, value: unknown): [string, unknown][] => (value === undefined ? [] : [[name, value]])

/** JSONata's own representation of functions; they hold the whole environment of the expression. */
const isFunction = (value: object): boolean =>
  Object.hasOwn(value, '_jsonata_lambda') || Object.hasOwn(value, '_jsonata_function')
