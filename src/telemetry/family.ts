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

  /** An exposition that is under way still tells what there was. */
  clear(): void {
    this.#series = new Map()
  }

  /** The text exposition format 0.0.4 of Prometheus, series by series. */
  *texts(): Iterable<string> {
    const { name, help, type } = this.#options
    yield `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
    for (const [labels, series] of this.#series) yield series.text(name, labels)
  }
}

export interface FamilyOptions<S extends Series> {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labelNames: readonly string[]
  readonly create: () => S
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
