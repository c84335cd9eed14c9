import { Family } from './family.ts'
import { Histogram, Value, type Series } from './series.ts'

interface Described {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
}

const chunkLength = 64 * 1024

/**
 * Metrics in the text format of Prometheus. Our own, since a gateway observes eight of them for each request: a bound
 * series costs an addition, and nothing is loaded at start.
 */
export class MetricRegistry {
  readonly #families: Family<Series>[] = []
  readonly #collectors: (() => void)[] = []

  counter({ name, help, labelNames = [] }: Described): Family<Value> {
    return this.#add(new Family({ name, help, type: 'counter', labelNames, create: () => new Value() }))
  }

  gauge({ name, help, labelNames = [] }: Described): Family<Value> {
    return this.#add(new Family({ name, help, type: 'gauge', labelNames, create: () => new Value() }))
  }

  histogram({
    name,
    help,
    labelNames = [],
    bounds
  }: Described & { readonly bounds: readonly number[] }): Family<Histogram> {
    return this.#add(new Family({ name, help, type: 'histogram', labelNames, create: () => new Histogram(bounds) }))
  }

  /** Called before each exposition, to set what is only read when somebody asks. */
  onCollect(collect: () => void): void {
    this.#collectors.push(collect)
  }

  /** The exposition in pieces, each of which takes a millisecond: ten thousand pipelines fill tens of megabytes. */
  *chunks(): Iterable<string> {
    for (const collect of this.#collectors) collect()
    let chunk = ''
    for (const family of this.#families) {
      for (const text of family.texts()) {
        chunk += text
        if (chunk.length < chunkLength) continue
        yield chunk
        chunk = ''
      }
    }
    yield chunk
  }

  #add<F extends Family<Series>>(family: F): F {
    this.#families.push(family)
    return family
  }
}
