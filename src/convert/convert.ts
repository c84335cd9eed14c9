import { Document, parseAllDocuments, visit } from 'yaml'
import type { WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
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
  const parsedAll = parseAllDocuments(text)
  for (const parsed of parsedAll) {
    if (parsed.contents === null) continue
    const document = withoutAliases(parsed)
    documents.push(document)
    const { kind, metadata, spec } = document.toJS() as WrittenPipeline
    if (kind === to) continue
    const pipeline = `${metadata.namespace ?? defaults.namespace}/${metadata.name}`
    const bound = boundTo(to, { pipeline, spec }, parsedAll)
    if (bound !== undefined) notCarried.push({ pipeline, ...bound })
    else conversions[to](document, (path, reason) => notCarried.push({ pipeline, path, reason }))
  }
  return { documents, notCarried }
}

/** Why a definition stays as it is: with the one of the other kind and the same name it is one pipeline. */
function boundTo(
  to: Kind,
  { pipeline, spec }: { readonly pipeline: string; readonly spec: WrittenPipeline['spec'] },
  all: readonly Document[]
): Omit<NotCarried, 'pipeline'> | undefined {
  if (all.some(document => isOf(document, to, pipeline)))
    return {
      path: 'kind',
      reason: `there is a ${to} of this name, and the two are one pipeline: both stay as they are`
    }
  if (spec.steps !== undefined) return undefined
  return { path: 'spec.steps', reason: `they are those of the ${to} of this name, which it cannot become beside it` }
}

function isOf(document: Document, to: Kind, pipeline: string): boolean {
  if (document.contents === null) return false
  const { kind, metadata } = document.toJS() as WrittenPipeline
  return kind === to && `${metadata.namespace ?? defaults.namespace}/${metadata.name}` === pipeline
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
