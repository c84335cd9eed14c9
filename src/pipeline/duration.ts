const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const isoUnitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000]

const short = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** Weeks, days, hours, minutes, seconds. No years and months: their lengths differ. */
const iso =
  /^P(?=.)(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?(?:T(?=.)(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/

/** Both forms as one regular expression, for a JSON Schema. */
export const durationPattern = `${short.source}|${iso.source}`

/**
 * Whole milliseconds of `PT0.2S`, as in Knative, or of `200ms`, `2s`, `5m`, `1h`, `1d`; `undefined`: not a duration.
 */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = short.exec(text) ?? []
  if (count !== undefined) return Math.round(Number(count) * (unitMs[unit] ?? 0))
  const parts = iso.exec(text)?.slice(1)
  if (parts === undefined) return undefined
  const ms = isoUnitsMs.reduce((sum, unit, i) => sum + unit * Number((parts[i] ?? '0').replace(',', '.')), 0)
  return Math.round(ms)
}

/** As `parseDuration`, for text that validation has let pass. */
export function durationMs(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new RangeError(`"${text}" is not a duration`)
  return ms
}
