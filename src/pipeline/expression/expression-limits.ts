/** The limits of an expression. An expression that needs more is a program, and belongs in a step. */
export const expressionLimits = {
  /** Of processor time, that of making its result included. */
  milliseconds: 50,
  /** On the event loop; what takes longer goes on in a thread. */
  directMilliseconds: 20,
  /** Octets of data that an expression may see on the event loop. */
  directSize: 64 * 1024,
  /** Octets times instructions of the regular expressions, on the event loop. */
  directRegexWork: 2 ** 19,
  /** Levels of calls. */
  calls: 500,
  /** Of one sequence. */
  elements: 100_000,
  /** Characters of one text. */
  text: 4 * 2 ** 20,
  resultValues: 600_000,
  resultCharacters: 16 * 2 ** 20,
  /** Characters of one regular expression, as JSONata makes them. */
  regex: 16_000,
  /** Characters of the expression. */
  source: 10_000,
  /** `??` and `?:` in the expression. */
  defaults: 12
} as const
