import type { Across, FamilySnapshot } from './family-snapshot.ts'
import type { Series } from './series.ts'

/** All series of one metric name. */
export class Family<S extends Series> {
  readonly #series = new Map<string, S>()
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

  clear(): void {
    this.#series.clear()
  }

  snapshot(): FamilySnapshot {
    const { name, help, type, across } = this.#options
    const samples = new Map<string, number>()
    for (const [own, series] of this.#series) {
      for (const [suffix, more, value] of series.samples()) {
        const labels = [own, more].filter(part => part !== '').join(',')
        samples.set(`${name}${suffix}${labels === '' ? '' : `{${labels}}`}`, value)
      }
    }
    return { name, help, type, across, samples }
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
