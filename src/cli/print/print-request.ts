import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import type { OutputFormat } from '../options/output-option.ts'
import { printDocument } from './print-document.ts'
import { printRecord } from './print-record.ts'
import { stepTree } from './step-tree.ts'

/**
 * Prints the status document of a request; for people as YAML, where steps that have steps inside them are drawn as a
 * tree.
 */
export async function printRequest(document: Fields, output: OutputFormat): Promise<void> {
  const { steps, ...rest } = document
  const drawn = Array.isArray(steps) ? steps.filter(isMapping) : []
  const isTree = drawn.some(({ path }) => String(path).includes('/'))
  if (output !== 'table' || !isTree) return printRecord(document, output)
  await printDocument({ ...rest, steps: stepTree(drawn) }, 'yaml')
}
