import { RE2JS } from 're2js'
import { allowance } from './allowance.ts'

/**
 * A `pattern` of a schema that runs in linear time (RE2), in the shape that ajv wants of an engine. Throws for what RE2
 * cannot do, such as look-ahead.
 */
export class LinearPattern {
  readonly #source: string
  readonly #regex: RE2JS

  constructor(source: string) {
    this.#source = source
    this.#regex = RE2JS.compile(RE2JS.translateRegExp(source))
  }

  test(text: string): boolean {
    allowance.match(text.length, this.#regex.programSize())
    return this.#regex.matcher(text).find()
  }

  /** By this ajv tells patterns apart. */
  toString(): string {
    return this.#source
  }
}

/** `code` is for validators that are written to files, which ours are not. */
export const linearPatterns = Object.assign((source: string) => new LinearPattern(source), {
  code: 'a pattern that runs in linear time'
})
