import type { Fields } from '../../pipeline/spec/rule.ts'

/** Documents as lines, their fields in columns of equal width under the names of the fields. */
export function tableText(documents: readonly Fields[], columns: readonly string[]): string {
  const rows = [columns.map(heading), ...documents.map(document => columns.map(column => cell(document[column])))]
  const widths = columns.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  return rows
    .map(
      row =>
        `${row
          .map((text, i) => text.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`
    )
    .join('')
}

/** `acceptedAt` as `ACCEPTED AT`. */
const heading = (column: string): string => column.replace(/[A-Z]/g, capital => ` ${capital}`).toUpperCase()

const cell = (value: unknown): string =>
  value === undefined || value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value)
