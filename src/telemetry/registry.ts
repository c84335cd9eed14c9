import { exposition } from './exposition.ts'
import type { Across, FamilySnapshot } from './family-snapshot.ts'
import { Family } from './family.ts'
import { Histogram, Value, type Series } from './series.ts'

interface Described {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
}

/**
 * Metrics in the text format of Prometheus. Our own, since a gateway observes eight of them for each request: a bound
 * series costs an addition, and nothing is loaded at start.
 */
export class MetricRegistry {
  readonly #families: Family<Series>[] = []
  readonly #collectors: (() => void)[] = []

  counter({ name, help, labelNames = [] }: Described): Family<Value> {
    const create = () => new Value()
    return this.#add(new Family({ name, help, type: 'counter', across: 'sum', labelNames, create }))
  }

  /** `across`: what the gauges of several processes come to. */
  gauge({ name, help, labelNames = [], across }: Described & { readonly across: Across }): Family<Value> {
    return this.#add(new Family({ name, help, type: 'gauge', across, labelNames, create: () => new Value() }))
  }

  histogram({
    name,
    help,
    labelNames = [],
    bounds
  }: Described & { readonly bounds: readonly number[] }): Family<Histogram> {
    const create = () => new Histogram(bounds)
    return this.#add(new Family({ name, help, type: 'histogram', across: 'sum', labelNames, create }))
  }

  /** Called before each exposition, to set what is only read when somebody asks. */
  onCollect(collect: () => void): void {
    this.#collectors.push(collect)
  }

  /** Forgets the series of a pipeline that is not served any more. */
  dropPipeline(pipeline: string): void {
    for (const family of this.#families) family.dropPipeline(pipeline)
  }

  /** The exposition in pieces. */
  chunks(): Iterable<string> {
    this.#collect()
    return exposition(this.#families.map(({ exposed }) => exposed))
  }

  /** For another process. */
  snapshot(): readonly FamilySnapshot[] {
    this.#collect()
    return this.#families.map(family => family.snapshot())
  }

  #collect(): void {
    for (const collect of this.#collectors) collect()
  }

  #add<F extends Family<Series>>(family: F): F {
    this.#families.push(family)
    return family
  }
}
