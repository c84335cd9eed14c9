import type { ExposedFamily } from './exposition.ts'
import type { Across, FamilySnapshot } from './family-snapshot.ts'
import type { Series } from './series.ts'

/** All series of one metric name. */
export class Family<S extends Series> {
  #series = new Map<string, S>()
  readonly #options: FamilyOptions<S>

  constructor(options: FamilyOptions<S>) {
    this.#options = options
  }

  /** The series with these label values, in the order of the label names; made on first use. */
  labels(...values: readonly string[]): S {
    const { labelNames, create } = this.#options
    const labels = labelNames.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`).join(',')
    let series = this.#series.get(labels)
    if (series === undefined) this.#series.set(labels, (series = create()))
    return series
  }

  /** Forgets the series of a pipeline, if the first label is one. */
  dropPipeline(pipeline: string): void {
    if (this.#options.labelNames[0] !== 'pipeline') return
    const own = `pipeline="${escapeLabel(pipeline)}"`
    const kept = [...this.#series].filter(([labels]) => labels !== own && !labels.startsWith(`${own},`))
    if (kept.length < this.#series.size) this.#series = new Map(kept)
  }

  /** An exposition that is under way still tells what there was. */
  clear(): void {
    this.#series = new Map()
  }

  /** The series that are exposed now. */
  get exposed(): ExposedFamily {
    const { name, help, type } = this.#options
    return { name, help, type, samples: this.#samples(this.#series) }
  }

  snapshot(): FamilySnapshot {
    const { name, help, type, across } = this.#options
    return { name, help, type, across, samples: new Map(this.#samples(this.#series)) }
  }

  *#samples(all: ReadonlyMap<string, S>): Iterable<readonly [string, number]> {
    for (const [labels, series] of all) yield* series.samples(this.#options.name, labels)
  }
}

export interface FamilyOptions<S extends Series> {
  readonly name: string
  readonly help: string
  readonly type: FamilySnapshot['type']
  readonly across: Across
  readonly labelNames: readonly string[]
  readonly create: () => S
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
