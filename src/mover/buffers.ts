/** Where a request in flight stands: claimed and not started, running, or finished and on its way out. */
export type Buffer = 'intake' | 'processing' | 'output'

/** How many requests of a lane stand in each of its buffers; the output has an end. */
export class Buffers {
  readonly used: Record<Buffer, number> = { intake: 0, processing: 0, output: 0 }
  readonly #maxOutput: () => number
  /** Finished ones that wait for room in the output, each called when it has got it. */
  readonly #finished: (() => void)[] = []

  constructor(maxOutput: () => number) {
    this.#maxOutput = maxOutput
  }

  get outputIsFull(): boolean {
    return this.used.output >= this.#maxOutput()
  }

  /** Takes room in the output; a promise when it has to become free first. */
  takeOutput(): Promise<void> | undefined {
    if (this.outputIsFull) return new Promise(resolve => this.#finished.push(resolve))
    this.used.output += 1
    return undefined
  }

  /** Gives room back; that of the output goes to the one that has waited longest. */
  free(buffer: Buffer): void {
    const next = buffer === 'output' ? this.#finished.shift() : undefined
    if (next === undefined) this.used[buffer] -= 1
    else next()
  }
}
