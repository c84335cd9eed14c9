export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ExposedFamily {
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

interface OpenFamily {
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

/** Reads the text format 0.0.4 of Prometheus, and throws for whatever a scraper might refuse. */
export function parseExposition(text: string): ReadonlyMap<string, ExposedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, OpenFamily>()
  let current: [name: string, family: OpenFamily] | undefined
  let help: readonly string[] = []
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword = '', name = '', rest = ''] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') help = [name, rest]
    else if (keyword === 'TYPE') {
      if (help[0] !== name || families.has(name)) throw new Error(`not described, or twice: ${line}`)
      current = [name, { type: rest, help: help[1] ?? '', samples: [] }]
      families.set(...current)
    } else {
      const sample = parseSample(line)
      if (current === undefined || !belongs(sample.name, ...current)) throw new Error(`of no family: ${line}`)
      current[1].samples.push(sample)
    }
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family)
  return families
}

const label = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y

function parseSample(line: string): Sample {
  const [, name, labelText = '', value] = /^([a-z_][a-z0-9_]*)(?:\{(.+)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined || value === undefined || Number.isNaN(Number(value))) throw new Error(`not a sample: ${line}`)
  const labels: Record<string, string> = {}
  label.lastIndex = 0
  for (let end = 0; end < labelText.length; end = label.lastIndex) {
    const [, key, escaped] = label.exec(labelText) ?? []
    if (key === undefined || escaped === undefined || key in labels) throw new Error(`wrong labels: ${line}`)
    labels[key] = escaped.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : String(character)))
  }
  return { name, labels, value: Number(value) }
}

const belongs = (sample: string, name: string, { type }: ExposedFamily): boolean =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].includes(sample.slice(name.length)) : sample === name

/** Buckets never fall, end at +Inf, and that one is the count. */
function checkHistogram({ samples }: ExposedFamily): void {
  const series = Map.groupBy(samples, ({ labels: { le: _le, ...own } }) => JSON.stringify(own))
  for (const [own, parts] of series) {
    const of = (suffix: string): Sample[] => parts.filter(({ name }) => name.endsWith(suffix))
    const bounds = of('_bucket').map(({ labels }) => Number(labels['le'] === '+Inf' ? Infinity : labels['le']))
    const counts = of('_bucket').map(({ value }) => value)
    const risesFrom = (values: readonly number[]) =>
      values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0))
    if (!risesFrom(bounds) || !risesFrom(counts)) throw new Error(`buckets are not cumulative: ${own}`)
    if (bounds.at(-1) !== Infinity || counts.at(-1) !== of('_count')[0]?.value) throw new Error(`no total: ${own}`)
    if (of('_sum').length !== 1 || of('_count').length !== 1) throw new Error(`no sum or count: ${own}`)
  }
}
