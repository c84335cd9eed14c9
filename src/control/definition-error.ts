/** Definitions that cannot be served; the message has a line for each fault. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
}
