import { InvalidArgumentError } from 'commander'

/** A URL of the gateway as an option, without slashes at its end. */
export function readUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('It must begin with http:// or https://.')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
