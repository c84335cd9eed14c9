/**
 * Milliseconds that a `Retry-After` value asks for: seconds or an HTTP date (RFC 9110 section 10.2.3);
 * `undefined` when it is neither.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // An HTTP date begins with the name of a day; Date.parse alone would take "-1" for a year.
  if (!/^[A-Z][a-z]{2}/.test(value)) return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
