let second = Number.NaN
let prefix = ''

/** Milliseconds since the epoch as RFC 3339 writes them. Times of one second share what `Date` makes of it. */
export function isoTime(time: number): string {
  const ms = Math.trunc(time)
  const at = Math.floor(ms / 1000)
  if (at !== second) {
    second = at
    prefix = new Date(at * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS.'.length)
  }
  return `${prefix}${String(ms - at * 1000).padStart(3, '0')}Z`
}
