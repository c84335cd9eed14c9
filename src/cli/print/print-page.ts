import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { plainText } from './plain-text.ts'
import { printDocument } from './print-document.ts'
import { tableText } from './table-text.ts'

/** Prints `{items, next}`: as it is for programs, as a table with these columns for people. */
export async function printPage(page: Fields, columns: readonly string[], output: OutputFormat): Promise<void> {
  if (output !== 'table') {
    await printDocument(page, output)
    return
  }
  process.stdout.write(plainText(tableText(itemsOf(page), columns, room())))
  if (typeof page['next'] === 'string') process.stderr.write(`there are more: --after ${page['next']}\n`)
}

/** Characters in a line of the terminal; what is read by a program is not cut. */
const room = (): number => (process.stdout.isTTY ? process.stdout.columns : Infinity)

/** The documents in a page. */
export const itemsOf = ({ items }: Fields): readonly Fields[] => (Array.isArray(items) ? items.filter(isMapping) : [])
