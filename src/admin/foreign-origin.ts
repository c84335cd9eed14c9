/**
 * Whether a browser says that a page of another site sends this. A page can POST to a loopback address of its reader
 * without asking, and `Host` looks right then.
 */
export const isForeignOrigin = (origin: string | undefined, host: string | undefined): boolean =>
  origin !== undefined && URL.parse(origin)?.host !== host
