/** One line or, for a histogram, one set of lines of the exposition. */
export interface Series {
  /** Values by name and labels under the name of the metric; `labels` as they stand between the braces. */
  samples(name: string, labels: string): Iterable<readonly [series: string, value: number]>
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

  *samples(name: string, labels: string): Iterable<readonly [string, number]> {
    yield [`${name}${braced(labels)}`, this.#value]
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

  *samples(name: string, labels: string): Iterable<readonly [string, number]> {
    const before = `${name}_bucket{${labels === '' ? '' : `${labels},`}le="`
    let count = 0
    for (let i = 0; i < this.#counts.length; i++) {
      count += this.#counts[i] ?? 0
      yield [`${before}${this.#bounds[i] ?? '+Inf'}"}`, count]
    }
    yield [`${name}_sum${braced(labels)}`, this.#sum]
    yield [`${name}_count${braced(labels)}`, count]
  }
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`)
