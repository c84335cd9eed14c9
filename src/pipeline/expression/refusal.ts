/** A deed that an expression may not do here. Its message is ours and quotes no data, so it may be told. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
