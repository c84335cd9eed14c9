import { SluiceError } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { isLoopbackHost, isLoopbackOrigin } from '../http/loopback-host.ts'
import type { RequestHeaders } from './request-headers.ts'

/** Which pages may call the data plane by the browser that shows them. */
export interface BrowserRules {
  /** Origins that may, as browsers write them; `*`: all. */
  readonly allowed: ReadonlySet<string>
  /**
   * True on loopback without a token: there any page that somebody on this machine visits would get through, so that
   * only those which this machine serves itself may, and those of the listed origins.
   */
  readonly guarded: boolean
}

/** The listed origin that the request comes from; `undefined`: it has none, or one that is not listed. */
export function listedOrigin(headers: RequestHeaders, { allowed }: BrowserRules): string | undefined {
  const origin = headers.get('origin')
  return origin !== undefined && (allowed.has(origin) || allowed.has('*')) ? origin : undefined
}

/**
 * Refuses what a page of a foreign site sends. A caller that is not a browser says nothing of a site. Throws FORBIDDEN.
 */
export function checkBrowser(headers: RequestHeaders, { guarded }: BrowserRules): void {
  if (!guarded) return
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (origin === undefined && site === undefined) return
  const ownPage = origin === undefined ? ownSites.has(site) : isLoopbackOrigin(origin)
  if (ownPage && isLoopbackHost(headers.get('host') ?? '')) return
  throw new SluiceError(
    'FORBIDDEN',
    'without a token this gateway serves only the pages of this machine to a browser; others need --allow-origin'
  )
}

/** The words of a browser for a page of the host that it asks, or for a person who wrote the address. */
const ownSites: ReadonlySet<string | undefined> = new Set(['same-origin', 'same-site', 'none'])

/** The headers that a browser needs before a page of that origin may read the answer. */
export const originHeaders = (origin: string): readonly (readonly [string, string])[] => [
  ['access-control-allow-origin', origin],
  ['access-control-expose-headers', '*'],
  ['vary', 'origin']
]

/** The answer to the question of a browser whether a page may send its request; `undefined`: this is not such a question. */
export function preflightAnswer(method: string | undefined, headers: RequestHeaders): Answer | undefined {
  if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return undefined
  const answered = ['access-control-allow-methods', 'GET, POST, DELETE, OPTIONS', 'access-control-max-age', '600']
  const asked = headers.get('access-control-request-headers')
  if (asked !== undefined) answered.push('access-control-allow-headers', asked)
  return { status: 204, headers: answered, body: undefined }
}
