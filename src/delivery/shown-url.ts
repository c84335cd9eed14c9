const maxShown = 512

/** A URL, absolute or not, as it may be shown: without its user, query and fragment, where secrets travel. */
export function shownUrl(text: string): string {
  const [place = ''] = text.split(/[?#]/, 1)
  return place.replace(/^([a-z][a-z0-9+.-]*:)?(\/\/)[^/\\]*@/i, '$1$2').slice(0, maxShown)
}
