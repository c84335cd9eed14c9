/** The headers by which a browser says where a request comes from; others may be there too. */
export interface BrowserHeaders {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
  readonly fetchMode: string | undefined
}

/**
 * Whether a browser says that a page of another site sends this. A page can POST to a loopback address of its reader
 * without asking, and `Host` looks right then. A person who follows a link from another site reads the answer himself.
 */
export function isForeignOrigin({ host, origin, fetchSite, fetchMode }: BrowserHeaders): boolean {
  if (origin !== undefined) return URL.parse(origin)?.host !== host?.toLowerCase()
  return fetchSite === 'cross-site' && fetchMode !== 'navigate'
}
