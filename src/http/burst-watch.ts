import type { BodyMemory } from '../event/body-memory.ts'

/** More than this part of the memory for bodies is a burst, which is over when nothing is held beside a few small ones. */
const highPart = 1 / 4
const lowPart = 1 / 64

const betweenLooksMs = 1_000
/** Some connections of a burst end after it, and V8 gives room for young objects back only after a while of peace. */
const tellAfterLooks: readonly number[] = [1, 10]

/**
 * Tells twice for each burst of bodies that it is over: as soon as much was held at once and hardly anything is any more,
 * for the whole time between two looks, and when it has been so for ten of them.
 */
export class BurstWatch implements Disposable {
  readonly #memory: BodyMemory
  readonly #over: () => void
  readonly #looking: NodeJS.Timeout
  /** Of how many looks the last ones saw hardly anything; `undefined`: there was no burst. */
  #calm: number | undefined

  constructor(memory: BodyMemory, over: () => void, everyMs = betweenLooksMs) {
    this.#memory = memory
    this.#over = over
    this.#looking = setInterval(() => this.#look(), everyMs).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking)
  }

  #look(): void {
    const peak = this.#memory.takePeak()
    const { limit } = this.#memory
    if (peak > limit * highPart) this.#calm = 0
    if (this.#calm === undefined || peak > limit * lowPart) return
    this.#calm++
    if (tellAfterLooks.includes(this.#calm)) this.#over()
    if (this.#calm === tellAfterLooks.at(-1)) this.#calm = undefined
  }
}
