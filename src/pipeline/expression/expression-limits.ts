/** What an expression may use. An expression that needs more is a program, and belongs in a step. */
export const expressionLimits = {
  /** Of its own running time. */
  milliseconds: 50,
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
