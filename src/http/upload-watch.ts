import type { SlownessLimits } from './slowness.ts'

/**
 * Watches a body that somebody waits for. It stalls when nothing has come for a while, or less than the least rate in
 * one such while after the other; how long the whole takes does not matter.
 */
export class UploadWatch {
  readonly #limits: SlownessLimits
  #size: number
  #sizeAt: number
  /** Where the while began that is being measured. */
  #spanSize: number
  #spanAt: number

  constructor(limits: SlownessLimits, size: number, now: number) {
    this.#limits = limits
    this.#size = this.#spanSize = size
    this.#sizeAt = this.#spanAt = now
  }

  /** `size` has come until `now`. */
  isStalled(size: number, now: number): boolean {
    const { bodyMs, bytesPerSecond } = this.#limits
    if (size > this.#size) {
      this.#size = size
      this.#sizeAt = now
    }
    if (now - this.#sizeAt >= bodyMs) return true
    if (now - this.#spanAt < bodyMs) return false
    if ((size - this.#spanSize) / (now - this.#spanAt) < bytesPerSecond / 1000) return true
    this.#spanSize = size
    this.#spanAt = now
    return false
  }
}
