/** A compiled JSONata expression. */
export interface Expression {
  readonly source: string
  /**
   * The value for this input; `undefined` when the expression yields nothing.
   * Throws SluiceError EXPRESSION_FAILED, or EXPRESSION_LIMIT after 50 ms.
   */
  evaluate(input: unknown, bindings: Readonly<Record<string, unknown>>): Promise<unknown>
}
