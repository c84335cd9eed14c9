/** A media type (RFC 9110 section 8.3.1), its names in lower case. */
export interface MediaType {
  readonly type: string
  readonly subtype: string
  /** `type/subtype`. */
  readonly essence: string
  readonly parameters: ReadonlyMap<string, string>
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const essencePattern = new RegExp(`^(${token})/(${token})[ \\t]*(;|$)`)
const parameterPattern = new RegExp(`[ \\t]*(?:(${token})=(?:(${token})|"((?:[^"\\\\]|\\\\.)*)"))?[ \\t]*(?:;|$)`, 'y')

/** Strict: `undefined` for anything that is not a media type to the letter. */
export function parseMediaType(value: string): MediaType | undefined {
  const match = essencePattern.exec(value)
  if (match === null) return undefined
  const [matched, type = '', subtype = ''] = match
  const parameters = parseParameters(value, matched.length)
  if (parameters === undefined) return undefined
  const [lowerType, lowerSubtype] = [type.toLowerCase(), subtype.toLowerCase()]
  return { type: lowerType, subtype: lowerSubtype, essence: `${lowerType}/${lowerSubtype}`, parameters }
}

function parseParameters(value: string, start: number): Map<string, string> | undefined {
  const parameters = new Map<string, string>()
  for (let at = start; at < value.length; at = parameterPattern.lastIndex) {
    parameterPattern.lastIndex = at
    const match = parameterPattern.exec(value)
    if (match === null) return undefined
    const [, name, plain, quoted] = match
    if (name !== undefined) parameters.set(name.toLowerCase(), plain ?? (quoted ?? '').replace(/\\(.)/g, '$1'))
  }
  return parameters
}

/** Answers for the few media types that nearly every event has are remembered, as this is asked on each request. */
const known = new Map<string, boolean>([['application/json', true]])
const maxKnown = 256

/** application/json, text/json and everything with the suffix +json; any parameters. */
export function isJsonMediaType(value: string): boolean {
  const answer = known.get(value)
  if (answer !== undefined) return answer
  const parsed = parseMediaType(value)
  const json = parsed !== undefined && (parsed.subtype === 'json' || parsed.subtype.endsWith('+json'))
  if (known.size < maxKnown) known.set(value, json)
  return json
}
