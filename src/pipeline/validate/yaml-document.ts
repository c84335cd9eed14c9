import { messageOf } from '../../errors.ts'
import type { Document, YAMLError } from 'yaml'
import { inspectNodes } from './inspect-nodes.ts'
import type { SyntaxFault } from './syntax-fault.ts'

export type ReadDocument =
  /** The faults do not keep the value from being judged: fields that are written twice. */
  | { readonly kind: 'value'; readonly value: unknown; readonly faults: readonly SyntaxFault[] }
  | { readonly kind: 'broken'; readonly faults: readonly SyntaxFault[] }

/** The plain value of a parsed document, or why there is none. */
export function readDocument(document: Document.Parsed): ReadDocument {
  const errors = [...document.errors, ...document.warnings]
  // The parser ran out of stack; what else it says about such a document follows from that.
  const exhausted = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (exhausted !== undefined)
    return broken([{ ...syntaxFault(exhausted), message: 'the document is nested too deeply' }])
  if (errors.length > 0) return broken(errors.map(syntaxFault))
  const faults = inspectNodes(document)
  return faults.every(({ code }) => code === 'DUPLICATE') ? plainValue(document, faults) : broken(faults)
}

const broken = (faults: readonly SyntaxFault[]): ReadDocument => ({ kind: 'broken', faults })

const syntaxFault = ({ code, message, pos }: YAMLError): SyntaxFault => ({
  offset: pos[0],
  code: code === 'RESOURCE_EXHAUSTION' ? 'LIMIT' : 'SYNTAX',
  message
})

function plainValue(document: Document.Parsed, faults: readonly SyntaxFault[]): ReadDocument {
  try {
    // A clone, because the strings that the parser cuts out of the text would keep all of the text in memory.
    return { kind: 'value', value: structuredClone(document.toJS()), faults }
  } catch (error) {
    // Aliases that multiply: yaml stops at a hundred copies of what an anchor holds.
    const message = messageOf(error)
    return broken([{ offset: document.range[0], code: 'LIMIT', message }])
  }
}
