/** Something that a test holds shut until it is time: `startStep(whenOpened(gate, 200))`. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

/** A gate that is shut; opening it twice is harmless. */
export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** The answer of a step as soon as the gate is open. */
export const whenOpened =
  <T>(gate: Pick<Gate, 'opened'>, answer: T): (() => Promise<T>) =>
  async () => {
    await gate.opened
    return answer
  }
