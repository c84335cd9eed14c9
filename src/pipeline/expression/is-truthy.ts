import { isFunction } from './plain-json.ts'

/** JSONata's own casting to a boolean (its `$boolean`), of a value as JSON would carry it. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTruthy)
  if (typeof value === 'object' && value !== null) return !isFunction(value) && Object.keys(value).length > 0
  if (typeof value === 'number') return Number.isFinite(value) && value !== 0
  return typeof value !== 'function' && Boolean(value)
}
