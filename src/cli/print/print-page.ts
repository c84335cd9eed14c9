import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { columnsOf } from './folded.ts'
import { plainText } from './plain-text.ts'
import { printDocument } from './print-document.ts'
import { tableText } from './table-text.ts'

export interface PageOptions {
  readonly output: OutputFormat
  /** The words for a person where there are none: `no dead letters`. */
  readonly none: string
}

/** Prints `{items, next}`: as it is for programs, as a table with these columns for people. */
export async function printPage(
  page: Fields,
  columns: readonly string[],
  { output, none }: PageOptions
): Promise<void> {
  if (output !== 'table') {
    await printDocument(page, output)
    return
  }
  const items = itemsOf(page)
  // A program that reads lines finds the heading alone.
  if (items.length === 0 && process.stdout.isTTY) process.stdout.write(`${none}\n`)
  else process.stdout.write(plainText(tableText(items, columns, columnsOf(process.stdout))))
  if (typeof page['next'] === 'string') process.stderr.write(`there are more: --after ${page['next']}\n`)
}

/** The documents in a page. */
export const itemsOf = ({ items }: Fields): readonly Fields[] => (Array.isArray(items) ? items.filter(isMapping) : [])
