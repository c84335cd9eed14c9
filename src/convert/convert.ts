import { Document, parseAllDocuments, visit } from 'yaml'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import { defaults } from '../pipeline/defaults.ts'
import type { Conversion, Converted, NotCarried } from './converted.ts'
import type { Kind } from './kinds.ts'
import { toPipeline } from './to-pipeline.ts'
import { toServingPipeline } from './to-serving-pipeline.ts'

const conversions: Readonly<Record<Kind, Conversion>> = { ServingPipeline: toServingPipeline, Pipeline: toPipeline }

/** Definitions of either kind, in which no fault was found, as those of the kind that is asked for. */
export function convert(text: string, to: Kind): Converted {
  const documents: Document[] = []
  const notCarried: NotCarried[] = []
  for (const parsed of parseAllDocuments(text)) {
    if (parsed.contents === null) continue
    const document = withoutAliases(parsed)
    documents.push(document)
    const { kind, metadata } = document.toJS() as ServingPipeline
    if (kind === to) continue
    const pipeline = `${metadata.namespace ?? defaults.namespace}/${metadata.name}`
    conversions[to](document, (path, reason) => notCarried.push({ pipeline, path, reason }))
  }
  return { documents, notCarried }
}

/** A part that goes may be what an alias elsewhere stands for: such a document loses its comments. */
function withoutAliases(document: Document.Parsed): Document {
  let aliases = false
  visit(document, {
    Alias() {
      aliases = true
      return visit.BREAK
    }
  })
  return aliases ? new Document(document.toJS(), { aliasDuplicateObjects: false }) : document
}
