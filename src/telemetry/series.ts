/** One line or, for a histogram, one set of lines of the exposition. */
export interface Series {
  /** The lines under the name of the metric; `labels` as they stand between the braces. */
  text(name: string, labels: string): string
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

  text(name: string, labels: string): string {
    return `${name}${braced(labels)} ${this.#value}\n`
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

  text(name: string, labels: string): string {
    const before = `${name}_bucket{${labels === '' ? '' : `${labels},`}le="`
    let text = ''
    let count = 0
    for (let i = 0; i < this.#counts.length; i++) {
      count += this.#counts[i] ?? 0
      text += `${before}${this.#bounds[i] ?? '+Inf'}"} ${count}\n`
    }
    return `${text}${name}_sum${braced(labels)} ${this.#sum}\n${name}_count${braced(labels)} ${count}\n`
  }
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`)
