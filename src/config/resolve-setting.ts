import * as z from 'zod'
import { found } from '../pipeline/spec/found.ts'
import { isMapping } from '../pipeline/spec/rule.ts'
import { splitList } from './split-list.ts'

type Entry = readonly [name: string, url: unknown]

/** `NAME=URL` once or in a list, or a mapping of names to URLs. */
export const resolveSetting = z.unknown().transform((value, context): ReadonlyMap<string, string> => {
  const urls = new Map<string, string>()
  for (const [name, url] of entriesOf(value)) {
    const fault = faultOf(name, url)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
    else urls.set(name, String(url))
  }
  return urls
})

function entriesOf(value: unknown): readonly Entry[] {
  if (isMapping(value)) return Object.entries(value)
  if (typeof value === 'string') return splitList(value).map(readEntry)
  return Array.isArray(value) ? value.map(readEntry) : [['', value]]
}

function readEntry(entry: unknown): Entry {
  const parts = /^(?<name>[^=]+)=(?<url>.*)$/.exec(String(entry))?.groups
  return parts === undefined ? ['', entry] : [parts['name'] ?? '', parts['url']]
}

function faultOf(name: string, url: unknown): string | undefined {
  if (name === '') return `must be NAME=URL, such as sentiment=http://localhost:9102, found ${found(url)}`
  if (!/^[^/\s]+(\/[^/\s]+){0,2}$/.test(name))
    return `must name a NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME, found '${name}'`
  const parsed = typeof url === 'string' ? URL.parse(url) : null
  // Not repeated in the message: it may be a secret.
  if (parsed !== null && (parsed.username !== '' || parsed.password !== '')) {
    return `the URL of ${name} must not contain a user name or a password`
  }
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return undefined
  return `the URL of ${name} must begin with http:// or https://, found ${found(url)}`
}
