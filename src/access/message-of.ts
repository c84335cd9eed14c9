/** The reason of a failure, with its cause: a fetch that fails says only that it did. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { cause, message } = thrown
  return cause instanceof Error ? `${message}: ${'code' in cause ? String(cause.code) : cause.message}` : message
}
