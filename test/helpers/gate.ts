/** Something that a test holds shut until it is time: `startStep(async () => { await gate.opened; return 200 })`. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

/** A gate that is shut; opening it twice is harmless. */
export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}
