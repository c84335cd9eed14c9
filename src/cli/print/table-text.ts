import type { Fields } from '../../pipeline/spec/rule.ts'

/**
 * Documents as lines, their fields in columns of equal width under the names of the fields. Where they do not fit, the
 * widest columns are cut, but never ids.
 */
export function tableText(documents: readonly Fields[], columns: readonly string[], room = Infinity): string {
  const rows = [columns.map(heading), ...documents.map(document => columns.map(column => cell(document[column])))]
  const widest = columns.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  const least = columns.map((column, i) => (isId(column) ? (widest[i] ?? 0) : leastWidth))
  const widths = narrow(widest, least, room - gap.length * (columns.length - 1))
  return rows
    .map(row => row.map((text, i) => fit(text, widths[i] ?? 0)).join(gap))
    .map(line => `${line.trimEnd()}\n`)
    .join('')
}

const gap = '  '
const leastWidth = 8

const isId = (column: string): boolean => column === 'id' || column === 'replayedAs'

/** Takes from the widest column until all of them fit, or none has more than its least. */
function narrow(widths: readonly number[], least: readonly number[], room: number): readonly number[] {
  const sum = widths.reduce((total, width) => total + width, 0)
  if (sum <= room) return widths
  const spare = widths.map((width, i) => width - (least[i] ?? 0))
  const most = Math.max(...spare)
  if (most <= 0) return widths
  const at = spare.indexOf(most)
  return narrow(
    widths.map((width, i) => (i === at ? width - 1 : width)),
    least,
    room
  )
}

const fit = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)

/** `acceptedAt` as `ACCEPTED AT`. */
const heading = (column: string): string => column.replace(/[A-Z]/g, capital => ` ${capital}`).toUpperCase()

const cell = (value: unknown): string =>
  value === undefined || value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value)
