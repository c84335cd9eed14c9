import type { DefinitionKind } from './spec/serving-pipeline.ts'

/** The kind of fault, for a program; the message tells a person. */
export type FaultCode =
  'SYNTAX' | 'UNKNOWN_FIELD' | 'MISSING' | 'INVALID' | 'NOT_SUPPORTED' | 'DUPLICATE' | 'CYCLE' | 'LIMIT'

/** One mistake in a definition, and where it is. Lines and columns count from 1. */
export interface Fault {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `spec.steps[1].delivery.retry`; empty: the document as a whole. */
  readonly path: string
  /** `namespace/name` of the pipeline, where the document says it. */
  readonly pipeline: string | undefined
  /** Of the definition, where the document says its name; absent: a ServingPipeline. */
  readonly kind?: DefinitionKind
  readonly code: FaultCode
  readonly message: string
  readonly hint: string | undefined
}

/** One line for a terminal: `bad.yaml:12:9 spec.steps[1].retry: unknown field; did you mean 'delivery.retry'?` */
export const formatFault = (fault: Fault): string => `${fault.file}:${fault.line}:${fault.column} ${faultText(fault)}`

/** The same without its place, where nobody has the text that has it. */
export function faultText({ path, message, hint }: Fault): string {
  const subject = path === '' ? '' : `${path}: `
  return `${subject}${message}${hint === undefined ? '' : `; ${hint}`}`
}
