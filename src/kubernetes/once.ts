/** Works something out when it is needed, and once: all plans are looked through for it, which no look does for nothing. */
export function once<T>(work: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => (known ??= { value: work() }).value
}
