/** One figure of two sides, as often as it was measured. */
export interface Figure {
  readonly name: string
  readonly left: readonly number[]
  readonly right: readonly number[]
}

export interface Comparison {
  readonly title: string
  readonly left: string
  readonly right: string
  readonly figures: readonly Figure[]
}

/** The comparison as a Markdown table: the median of each figure on both sides, and the ratio right to left. */
export function comparisonTable({ title, left, right, figures }: Comparison): string {
  const rows = [
    [title, left, right, `${right} / ${left}`],
    ...figures.map(figure => {
      const [l, r] = [median(figure.left), median(figure.right)]
      return [figure.name, readable(l), readable(r), l === 0 ? '' : (r / l).toFixed(2)]
    })
  ]
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join(' | ')} |`
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), rule, ...body.map(line)].join('\n')
}

/** The middle value; the mean of the two in the middle when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN
  return (lower + upper) / 2
}

function readable(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}
