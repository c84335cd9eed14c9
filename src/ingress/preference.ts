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
  const usual = asUsual.exec(prefer)
  if (usual !== null) return { respondAsync: true, waitMs: waitMsOf(usual[1]) }
  let respondAsync = false
  let waitMs: number | undefined
  for (const [preference] of prefer.matchAll(preferences)) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map(part => part.trim().toLowerCase())
    if (name === 'respond-async') respondAsync = true
    const seconds = name === 'wait' ? /^("?)(\d+)\1$/.exec(value)?.[2] : undefined
    if (seconds !== undefined) waitMs ??= waitMsOf(seconds)
  }
  return { respondAsync, waitMs }
}

/** As callers who wait nearly all write it: to take any header apart is 2 % of their request. */
const asUsual = /^respond-async, ?wait=(\d+)$/

const waitMsOf = (seconds: string | undefined): number => Math.min(maxWaitMs, Number(seconds) * 1000)

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
