import { SluiceError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import { maxJsonDepth } from './json-depth.ts'
import { jsonFault } from './json-fault.ts'
import { endOfScalar, endOfString } from './json-scalar.ts'

/** Where a value stands in the octets. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Reads JSON from octets that are known to be UTF-8 without parsing its values: it knows where each begins and ends, so
 * that data can pass untouched. Linear, and iterative, so that no depth can overflow the stack. Throws INVALID_EVENT
 * with the offset of the fault.
 */
export class JsonScanner {
  readonly #json: Buffer
  #at = 0

  constructor(json: Uint8Array) {
    this.#json = asBuffer(json)
  }

  /** Calls `read` where each member's value begins; it must read the value. */
  eachMember(read: (name: string) => void): void {
    this.#expect(openBrace, 'a JSON object')
    if (this.#skip(closeBrace)) return
    do {
      const name = this.string()
      this.#expect(colon, '":"')
      read(name)
    } while (this.#skip(comma))
    this.#expect(closeBrace, '"," or "}"')
  }

  /** Calls `read` where each element begins; it must read the element. */
  eachElement(read: () => void): void {
    this.#expect(openBracket, 'a JSON array')
    if (this.#skip(closeBracket)) return
    do read()
    while (this.#skip(comma))
    this.#expect(closeBracket, '"," or "]"')
  }

  /** Whether a string comes next. */
  atString(): boolean {
    return this.#next() === quote
  }

  /** Reads a string. */
  string(): string {
    this.#next()
    const start = this.#at
    this.#at = endOfString(this.#json, start)
    const raw = this.#json.toString('utf8', start + 1, this.#at - 1)
    return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
  }

  /** Reads over a value of any kind. */
  value(): Span {
    this.#next()
    const start = this.#at
    const open: number[] = []
    do this.#enter(open)
    while (!this.#leave(open))
    return { start, end: this.#at }
  }

  /** Nothing but white space may be left. */
  end(): void {
    if (this.#next() !== undefined) throw jsonFault('nothing more', this.#at)
  }

  /** Enters objects and arrays down to a scalar or to what is empty, and reads over that. */
  #enter(open: number[]): void {
    for (;;) {
      const opener = this.#next()
      if (opener !== openBrace && opener !== openBracket) {
        this.#at = endOfScalar(this.#json, this.#at)
        return
      }
      if (open.length >= maxJsonDepth) throw tooDeep(this.#at)
      this.#at++
      if (this.#skip(closerOf(opener))) return
      open.push(opener)
      if (opener === openBrace) this.#skipName()
    }
  }

  /** Leaves what ends here; true when nothing is open any more, false when another value follows. */
  #leave(open: number[]): boolean {
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      if (this.#skip(comma)) {
        if (inside === openBrace) this.#skipName()
        return false
      }
      this.#expect(closerOf(inside), inside === openBrace ? '"," or "}"' : '"," or "]"')
      open.pop()
    }
    return true
  }

  #skipName(): void {
    this.#next()
    this.#at = endOfString(this.#json, this.#at)
    this.#expect(colon, '":"')
  }

  #expect(octet: number, what: string): void {
    if (!this.#skip(octet)) throw jsonFault(what, this.#at)
  }

  #skip(octet: number): boolean {
    if (this.#next() !== octet) return false
    this.#at++
    return true
  }

  /** Goes to the next octet that is not white space. */
  #next(): number | undefined {
    const json = this.#json
    let octet = json[this.#at]
    while (octet === 0x20 || octet === 0x0a || octet === 0x0d || octet === 0x09) octet = json[++this.#at]
    return octet
  }
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const closerOf = (opener: number): number => (opener === openBrace ? closeBrace : closeBracket)

const tooDeep = (offset: number): SluiceError =>
  new SluiceError('INVALID_EVENT', `the event is nested deeper than ${maxJsonDepth} levels at octet ${offset}`)
