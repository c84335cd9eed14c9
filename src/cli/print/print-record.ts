import type { OutputFormat } from '../options/output-option.ts'
import { printDocument } from './print-document.ts'

/** Prints one document; for people as YAML, which is easier on the eye than a table with one row. */
export const printRecord = (document: unknown, output: OutputFormat): Promise<void> =>
  printDocument(document, output === 'table' ? 'yaml' : output)
