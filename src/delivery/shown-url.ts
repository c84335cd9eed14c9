const maxShown = 512

/** The part before the host of a URL as a browser would read it, however many slashes it has, and of which kind. */
const user = /^([a-z][a-z0-9+.-]*:[/\\]*|[/\\]{2,})[^/\\]*@/i

/**
 * A URL, absolute or not, as it may be shown: without its user, query and fragment, where secrets travel. Takes any
 * text, since a step may answer any as its `Location`.
 */
export function shownUrl(text: string): string {
  const [place = ''] = text.split(/[?#]/, 1)
  return place.replace(user, '$1').slice(0, maxShown)
}
