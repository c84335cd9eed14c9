import { CesqlSyntaxError } from './syntax-error.ts'

export interface Token {
  /** `word`: a keyword, an attribute or a function; `symbol`: an operator, a parenthesis or a comma. */
  readonly kind: 'word' | 'integer' | 'string' | 'symbol' | 'end'
  /** As it was written; of a text what is between its quotes, of a symbol or the end what errors call it. */
  readonly text: string
  /** Where it begins, from 0. */
  readonly offset: number
  /** Where it ends. */
  readonly end: number
}

/** A text begins with a quote and ends at the next one of its kind that no backslash precedes. */
const pattern =
  /(?<space>[ \t\r\n]+)|(?<word>[A-Za-z0-9_]+)|(?<string>"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*')|(?<symbol>!=|<>|<=|>=|[=<>+\-*/%(),])/y

/** Takes an expression apart; the last token is its end. Throws a CesqlSyntaxError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let offset = 0
  while (offset < source.length) {
    pattern.lastIndex = offset
    const match = pattern.exec(source)
    if (match?.groups === undefined) throw new CesqlSyntaxError(strangeAt(source, offset), offset)
    const { word, string, symbol } = match.groups
    const end = pattern.lastIndex
    if (word !== undefined) tokens.push({ kind: /^\d+$/.test(word) ? 'integer' : 'word', text: word, offset, end })
    if (string !== undefined) tokens.push({ kind: 'string', text: unquoted(string), offset, end })
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, offset, end })
    offset = end
  }
  tokens.push({ kind: 'end', text: 'the end', offset, end: offset })
  return tokens
}

const strangeAt = (source: string, offset: number): string => {
  const character = String.fromCodePoint(source.codePointAt(offset) ?? 0)
  if (character === '"' || character === "'") return 'a text is not closed that begins'
  return `unexpected ${JSON.stringify(character)}`
}

/** A backslash takes its meaning from a text only before its quote: `LIKE` reads the others. */
const unquoted = (literal: string): string => {
  const [quote = ''] = literal
  return literal.slice(1, -1).replaceAll(`\\${quote}`, quote)
}
