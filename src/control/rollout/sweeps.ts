import type { KeptRollouts } from './kept-rollouts.ts'
import type { RolledStep } from './rolled-steps.ts'

/** How often, in milliseconds. */
const everyMs = 600_000

/** Has the store forget from time to time how far rollouts were that nobody serves any more. */
export class Sweeps {
  #sweptAt = -Infinity

  /** Does nothing unless it is time. */
  async sweep(kept: KeptRollouts, served: readonly RolledStep[]): Promise<void> {
    if (performance.now() - this.#sweptAt < everyMs) return
    this.#sweptAt = performance.now()
    await kept.sweep(new Set(served.map(({ key }) => key)), Date.now())
  }
}
