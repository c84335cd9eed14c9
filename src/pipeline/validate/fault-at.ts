import type { LineCounter } from 'yaml'
import { defaults } from '../defaults.ts'
import type { Fault } from '../fault.ts'
import { pathText, type Finding } from './finding.ts'
import type { SyntaxFault } from './syntax-fault.ts'
import { valueAt } from './value-at.ts'

/** A file that is being read. */
export interface Place {
  readonly file: string
  readonly lines: LineCounter
}

/** A fault of a document's text or, with its value at hand, of what it says. */
export function faultAt({ file, lines }: Place, fault: SyntaxFault & Partial<Finding>, document?: unknown): Fault {
  const { offset, code, message, path = [], hint } = fault
  const { line, col } = lines.linePos(offset)
  const pipeline = pipelineOf(document)
  const isSourced = pipeline !== undefined && valueAt(document, ['kind']) === 'Pipeline'
  const kind = isSourced ? ({ kind: 'Pipeline' } as const) : {}
  return { file, line, column: col, path: pathText(path), pipeline, ...kind, code, message, hint }
}

function pipelineOf(document: unknown): string | undefined {
  const name = valueAt(document, ['metadata', 'name'])
  const namespace = valueAt(document, ['metadata', 'namespace']) ?? defaults.namespace
  return typeof name === 'string' && typeof namespace === 'string' ? `${namespace}/${name}` : undefined
}
