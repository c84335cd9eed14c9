/** One line or, for a histogram, one set of lines of the exposition. */
export interface Series {
  /** Samples as [suffix of the name, labels beside the family's own, value]. */
  samples(): Iterable<readonly [suffix: string, labels: string, value: number]>
}

/** A value that goes up, or for a gauge both ways. */
export class Value implements Series {
  #value = 0

  add(by = 1): void {
    this.#value += by
  }

  set(value: number): void {
    this.#value = value
  }

  *samples(): Iterable<readonly [string, string, number]> {
    yield ['', '', this.#value]
  }
}

/** Counts observations by their upper bounds. */
export class Histogram implements Series {
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let bucket = 0
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? Infinity)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  *samples(): Iterable<readonly [string, string, number]> {
    let count = 0
    for (const [i, bound] of [...this.#bounds, Infinity].entries()) {
      count += this.#counts[i] ?? 0
      yield ['_bucket', `le="${bound === Infinity ? '+Inf' : bound}"`, count]
    }
    yield ['_sum', '', this.#sum]
    yield ['_count', '', count]
  }
}
