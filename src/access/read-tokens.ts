/** The tokens of a file, each with its name; a fault is a line without what stands in it. */
export type ReadTokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly NamedToken[] }
  | { readonly kind: 'faulty'; readonly fault: string }

export interface NamedToken {
  readonly name: string
  readonly token: string
}

/** Reads `NAME TOKEN` lines; `#` begins a comment. One name may have several tokens, so that one can take the place of another. */
export function readTokens(text: string): ReadTokens {
  const tokens: NamedToken[] = []
  const owners = new Map<string, string>()
  for (const [i, written] of text.split('\n').entries()) {
    const line = written.trim()
    if (line === '' || line.startsWith('#')) continue
    const { name, token } = namedToken.exec(line)?.groups ?? {}
    if (name === undefined || token === undefined)
      return faulty(i, "must be 'NAME TOKEN', both printable ASCII without spaces")
    const owner = owners.get(token)
    if (owner !== undefined && owner !== name) return faulty(i, `has the token of ${owner}: each token has one name`)
    owners.set(token, name)
    tokens.push({ name, token })
  }
  return tokens.length === 0 ? { kind: 'faulty', fault: 'has no token' } : { kind: 'tokens', tokens }
}

const namedToken = /^(?<name>[\x21-\x7e]+)[ \t]+(?<token>[\x21-\x7e]+)(?:[ \t]+#.*)?$/

const faulty = (index: number, what: string): ReadTokens => ({ kind: 'faulty', fault: `line ${index + 1} ${what}` })
