import { RE2JS } from 're2js'

/**
 * A regular expression that runs in linear time (RE2), in the shape that JSONata wants of an engine: it is made from
 * the native RegExp of a literal, which itself never runs. Throws for what RE2 cannot do, such as look-behind.
 */
export class LinearRegex {
  /** Where the next match is looked for. */
  lastIndex = 0
  readonly #regex: RE2JS

  constructor({ source, flags }: RegExp) {
    const caseFold = flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0
    const multiline = flags.includes('m') ? RE2JS.MULTILINE : 0
    this.#regex = RE2JS.compile(source, caseFold | multiline)
  }

  /** Instructions of its program, each of which may look at each character. */
  get size(): number {
    return this.#regex.programSize()
  }

  exec(text: string): RegExpExecArray | null {
    const matcher = this.#regex.matcher(text)
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0
      return null
    }
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined)
    this.lastIndex = matcher.end()
    return Object.assign(groups, { index: matcher.start(), input: text }) as RegExpExecArray
  }
}
