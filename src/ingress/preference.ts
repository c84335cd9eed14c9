/** The wishes of a `Prefer` header (RFC 7240); anything else in it is not for us. */
export interface Preference {
  readonly respondAsync: boolean
  /** Milliseconds that the caller will wait for the reply. */
  readonly waitMs: number | undefined
}

/** Longer waits are cut: load balancers and callers give up before. */
const maxWaitMs = 10 * 60_000

/** They are parted by commas, but for those in quotes. */
const preferences = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g

/** Of a preference that is given more than once, the first counts. */
export function readPreference(prefer: string | undefined): Preference {
  if (prefer === undefined) return nothing
  if (prefer === 'respond-async') return respondAsyncOnly
  let respondAsync = false
  let waitMs: number | undefined
  for (const [preference] of prefer.matchAll(preferences)) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map(part => part.trim().toLowerCase())
    if (name === 'respond-async') respondAsync = true
    const seconds = name === 'wait' ? /^("?)(\d+)\1$/.exec(value)?.[2] : undefined
    if (seconds !== undefined) waitMs ??= Math.min(maxWaitMs, Number(seconds) * 1000)
  }
  return { respondAsync, waitMs }
}

const nothing: Preference = { respondAsync: false, waitMs: undefined }
/** The wish of nearly everybody who has one. */
const respondAsyncOnly: Preference = { respondAsync: true, waitMs: undefined }

/** The `Preference-Applied` value for what was done as asked; empty: nothing was asked. */
export function appliedPreference({ respondAsync, waitMs }: Preference): string {
  const applied = []
  if (respondAsync) applied.push('respond-async')
  if (waitMs !== undefined) applied.push(`wait=${waitMs / 1000}`)
  return applied.join(', ')
}
