/** Where an expression runs. */
export type Lane = 'direct' | 'brisk' | 'patient'

const lanes: readonly Lane[] = ['direct', 'brisk', 'patient']

/**
 * The known times of an expression. One that overran its lane goes to the next one, so that it holds up
 * nobody but others like it; when it has been quick for a while it may come back.
 */
export class Conduct {
  readonly #best: number
  #lane: number
  #quickRuns = 0

  /** `best`: the first lane that it may ever use. */
  constructor(best: Lane) {
    this.#best = lanes.indexOf(best)
    this.#lane = this.#best
  }

  get lane(): Lane {
    return lanes[this.#lane] ?? 'patient'
  }

  overran(lane: Lane): void {
    this.#lane = Math.max(this.#lane, lanes.indexOf(lane) + 1)
    this.#quickRuns = 0
  }

  /** In a thread, by the processor time that it took there. */
  took(milliseconds: number): void {
    this.#quickRuns = milliseconds < quickMs ? this.#quickRuns + 1 : 0
    if (this.#quickRuns < quickRunsToReturn || this.#lane === this.#best) return
    this.#lane--
    this.#quickRuns = 0
  }
}

const quickMs = 2
const quickRunsToReturn = 16
