import { SluiceError } from '../errors.ts'
import { maxJsonDepth } from './json-depth.ts'

/** Where a value stands in the octets. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The members of a JSON object as spans of octets, without parsing their values: data passes untouched, whatever is in
 * it. Iterative, so that no depth can overflow the stack. Throws INVALID_EVENT with the offset of the fault.
 */
export function scanMembers(json: Uint8Array, object: Span): Map<string, Span> {
  const scanner = new Scanner(json, object.start, object.end)
  const members = new Map<string, Span>()
  scanner.expect(openBrace, 'a JSON object')
  if (scanner.skip(closeBrace)) return scanner.finish(members)
  do {
    const at = scanner.position()
    const name = scanner.string()
    if (members.has(name)) throw fault(`the member ${JSON.stringify(name.slice(0, 64))} is given twice`, at)
    scanner.expect(colon, '":"')
    members.set(name, scanner.value())
  } while (scanner.skip(comma))
  scanner.expect(closeBrace, '"," or "}"')
  return scanner.finish(members)
}

/** The elements of a JSON array as spans of octets. Throws INVALID_EVENT. */
export function scanElements(json: Uint8Array): Span[] {
  const scanner = new Scanner(json, 0, json.length)
  const elements: Span[] = []
  scanner.expect(openBracket, 'a JSON array')
  if (scanner.skip(closeBracket)) return scanner.finish(elements)
  do elements.push(scanner.value())
  while (scanner.skip(comma))
  scanner.expect(closeBracket, '"," or "]"')
  return scanner.finish(elements)
}

const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a

/** The text of a span of octets that are known to be UTF-8. */
export const textOf = (json: Uint8Array, { start, end }: Span): string =>
  Buffer.from(json.buffer, json.byteOffset + start, end - start).toString()

class Scanner {
  readonly #json: Uint8Array
  readonly #end: number
  #at: number

  constructor(json: Uint8Array, start: number, end: number) {
    this.#json = json
    this.#at = start
    this.#end = end
  }

  /** The next octet that is not white space. */
  position(): number {
    while (this.#at < this.#end && isSpace(this.#json[this.#at])) this.#at++
    return this.#at
  }

  skip(byte: number): boolean {
    if (this.position() >= this.#end || this.#json[this.#at] !== byte) return false
    this.#at++
    return true
  }

  expect(byte: number, what: string): void {
    if (!this.skip(byte)) throw fault(`${what} is expected`, this.#at)
  }

  finish<T>(result: T): T {
    if (this.position() < this.#end) throw fault('nothing more is expected', this.#at)
    return result
  }

  /** A string's value. */
  string(): string {
    if (this.position() >= this.#end || this.#json[this.#at] !== quote) throw fault('a string is expected', this.#at)
    const start = this.#at
    this.#skipString()
    return JSON.parse(textOf(this.#json, { start, end: this.#at })) as string
  }

  /** The span of a value of any kind. */
  value(): Span {
    const start = this.position()
    const open: number[] = []
    do this.#valueStart(open)
    while (!this.#valueEnd(open))
    return { start, end: this.#at }
  }

  /** Reads up to the end of a scalar or of an empty object or array, entering what is not empty on the way. */
  #valueStart(open: number[]): void {
    for (;;) {
      const byte = this.position() < this.#end ? this.#json[this.#at] : undefined
      if (byte !== openBrace && byte !== openBracket) return this.#scalar(byte)
      if (open.length >= maxJsonDepth) throw fault(`the JSON is nested deeper than ${maxJsonDepth} levels`, this.#at)
      this.#at++
      if (this.skip(closerOf(byte))) return
      open.push(byte)
      if (byte === openBrace) this.#memberName()
    }
  }

  /** Closes what ends here; true when nothing is open any more, false when another value follows. */
  #valueEnd(open: number[]): boolean {
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      if (this.skip(comma)) {
        if (inside === openBrace) this.#memberName()
        return false
      }
      this.expect(closerOf(inside), inside === openBrace ? '"," or "}"' : '"," or "]"')
      open.pop()
    }
    return true
  }

  #memberName(): void {
    if (this.position() >= this.#end || this.#json[this.#at] !== quote) throw fault('a string is expected', this.#at)
    this.#skipString()
    this.expect(colon, '":"')
  }

  #scalar(first: number | undefined): void {
    if (first === quote) return this.#skipString()
    const start = this.#at
    while (this.#at < this.#end && isScalarByte(this.#json[this.#at])) this.#at++
    const text = Buffer.from(this.#json.buffer, this.#json.byteOffset + start, this.#at - start).toString('latin1')
    if (!scalar.test(text)) throw fault('a JSON value is expected', start)
  }

  #skipString(): void {
    const start = this.#at++
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#json[this.#at] ?? 0
      if (byte === quote) {
        this.#at++
        return
      }
      if (byte < 0x20) throw fault('a string has an unescaped control character', this.#at)
      if (byte === backslash) this.#skipEscape()
    }
    throw fault('a string has no end', start)
  }

  #skipEscape(): void {
    this.#at++
    const byte = this.#json[this.#at] ?? 0
    if (byte === letterU) {
      for (let digits = 0; digits < 4; digits++) {
        if (!isHex(this.#json[++this.#at])) throw fault('a string has a wrong escape', this.#at)
      }
    } else if (!escapes.has(byte)) throw fault('a string has a wrong escape', this.#at)
  }
}

const letterU = 0x75
const escapes = new Set(Buffer.from('"\\/bfnrt'))
const scalar = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/

const closerOf = (opener: number): number => (opener === openBrace ? closeBrace : closeBracket)
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isHex = (byte = 0): boolean => (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)

/** What numbers, `true`, `false` and `null` are made of. */
const isScalarByte = (byte = 0): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2d ||
  byte === 0x2b ||
  byte === 0x2e ||
  byte === 0x45

function fault(what: string, offset: number): SluiceError {
  return new SluiceError('INVALID_EVENT', `the event is not valid JSON: ${what} at octet ${offset}`)
}
