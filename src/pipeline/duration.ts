const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const short = /^(?<count>\d+(?:\.\d+)?)(?<unit>ms|s|m|h|d)$/

/** ISO 8601 without years and months, whose lengths differ. The look-aheads ask for a part after `P` and after `T`. */
const iso =
  /^P(?=.)(?:(?<w>\d+(?:[.,]\d+)?)W)?(?:(?<d>\d+(?:[.,]\d+)?)D)?(?:T(?=.)(?:(?<h>\d+(?:[.,]\d+)?)H)?(?:(?<m>\d+(?:[.,]\d+)?)M)?(?:(?<s>\d+(?:[.,]\d+)?)S)?)?$/

/** Whole milliseconds of `PT0.2S`, as in Knative, or of `200ms`, `2s`, `5m`, `1h`, `1d`; `undefined`: not a duration. */
export function parseDuration(text: string): number | undefined {
  const parts = short.exec(text)?.groups
  if (parts !== undefined)
    return Math.round(Number(parts['count']) * (unitMs[parts['unit'] as keyof typeof unitMs] ?? 1))
  const groups = iso.exec(text)?.groups
  if (groups === undefined) return undefined
  const part = (name: string): number => Number((groups[name] ?? '0').replace(',', '.'))
  const days = part('w') * 7 + part('d')
  return Math.round(days * unitMs.d + part('h') * unitMs.h + part('m') * unitMs.m + part('s') * unitMs.s)
}

/** As `parseDuration`, for text that validation has let pass. */
export function durationMs(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new RangeError(`"${text}" is not a duration`)
  return ms
}
