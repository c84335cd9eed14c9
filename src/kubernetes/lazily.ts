/** Works something out once, and only where it is needed. */
export function lazily<T>(work: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => (known ??= { value: work() }).value
}
