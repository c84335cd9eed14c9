/** Beyond every time that is honoured; larger numbers of seconds mean no more. */
const maxSeconds = 10 ** 9

/**
 * Milliseconds that a `Retry-After` value asks for: seconds or an HTTP date (RFC 9110 section 10.2.3);
 * `undefined` when it is neither.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,32}$/.test(value)) return Math.min(Number(value), maxSeconds) * 1000
  const at = parseHttpDate(value, nowMs)
  return at === undefined ? undefined : Math.max(0, at - nowMs)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const month = `(?<month>${months.join('|')})`
const clock = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`

/**
 * The three forms of a date, each of them in UTC whether it says so or not: the usual one, that of RFC 850, asctime's.
 */
const forms: readonly RegExp[] = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) ${month} (?<year>\d{4}) ${clock} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2,5}day, (?<day>\d\d)-${month}-(?<year>\d\d) ${clock} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2} ${month} (?<day>[ \d]\d) ${clock} (?<year>\d{4})$`)
]

function parseHttpDate(value: string, nowMs: number): number | undefined {
  for (const form of forms) {
    const parts = form.exec(value)?.groups
    if (parts === undefined) continue
    const [year, day, hour, minute, second] = ['year', 'day', 'hour', 'minute', 'second'].map(part =>
      Number(parts[part])
    )
    return Date.UTC(fullYear(year ?? 0, nowMs), months.indexOf(parts['month'] ?? ''), day, hour, minute, second)
  }
  return undefined
}

/** Two digits that seem to lie more than 50 years ahead are of the century before. */
function fullYear(year: number, nowMs: number): number {
  if (year > 99) return year
  const thisYear = new Date(nowMs).getUTCFullYear()
  const inThisCentury = thisYear - (thisYear % 100) + year
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury
}
