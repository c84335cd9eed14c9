import { essenceOf } from './essence.ts'

/** A media type (RFC 9110 section 8.3.1), its names in lower case. */
export interface MediaType {
  readonly type: string
  readonly subtype: string
  /** `type/subtype`. */
  readonly essence: string
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Strict: `undefined` for what is not a media type to the letter, also for characters outside ASCII, a parameter that
 * is given twice and space around the whole. Reads each character once: no input makes it slow.
 */
export function parseMediaType(value: string): MediaType | undefined {
  const slash = endOfToken(value, 0)
  const end = endOfToken(value, slash + 1)
  if (slash === 0 || value[slash] !== '/' || end === slash + 1 || isSpace(value.at(-1))) return undefined
  const parameters = parseParameters(value, end)
  if (parameters === undefined) return undefined
  const type = value.slice(0, slash).toLowerCase()
  const subtype = value.slice(slash + 1, end).toLowerCase()
  return { type, subtype, essence: `${type}/${subtype}`, parameters }
}

/** CloudEvents takes for JSON the subtype json or the suffix +json, whatever follows. */
export const isJsonMediaType = (value: string): boolean =>
  value === 'application/json' || jsonEssence.test(essenceOf(value))

const jsonEssence = /^[^\s/]+\/(?:json|[^\s/]+\+json)$/

/** A format of CloudEvents: the message is an event, or a batch, in that format. */
export const isCloudEventsMediaType = (value: string): boolean =>
  value !== 'application/json' && /^\s*application\/cloudevents/i.test(value)

/** text/ and anything. */
export const isTextMediaType = (value: string): boolean => essenceOf(value).startsWith('text/')

function parseParameters(value: string, start: number): Map<string, string> | undefined {
  const parameters = new Map<string, string>()
  let at = start
  while (at < value.length) {
    at = skipSpace(value, at)
    if (value[at] !== ';') return undefined
    const from = skipSpace(value, at + 1)
    at = endOfToken(value, from)
    if (at === from) continue // RFC 9110 lets a parameter be empty.
    const name = value.slice(from, at).toLowerCase()
    const end = value[at] === '=' ? endOfValue(value, at + 1) : undefined
    if (end === undefined || parameters.has(name)) return undefined
    parameters.set(name, unquote(value.slice(at + 1, end)))
    at = end
  }
  return parameters
}

/** Where the token or quoted string that begins at `start` ends; `undefined`: neither begins there. */
function endOfValue(value: string, start: number): number | undefined {
  if (value[start] !== '"') {
    const end = endOfToken(value, start)
    return end === start ? undefined : end
  }
  for (let i = start + 1; i < value.length; i++) {
    if (value[i] === '"') return i + 1
    if (value[i] === '\\') i++
    if (!isQuotable(value.charCodeAt(i))) return undefined
  }
  return undefined
}

const unquote = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text)

const tokenCodes = new Set(Buffer.from("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))

function endOfToken(value: string, start: number): number {
  let end = start
  while (tokenCodes.has(value.charCodeAt(end))) end++
  return end
}

function skipSpace(value: string, start: number): number {
  let at = start
  while (isSpace(value[at])) at++
  return at
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\t'
const isQuotable = (code: number): boolean => (code >= 0x20 && code <= 0x7e) || code === 0x09
