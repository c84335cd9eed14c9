import { parseDocument } from 'yaml'
import { SluiceError } from '../errors.ts'
import type { Environment } from './environment.ts'
import { formatFault, type Fault } from './fault.ts'
import type { ParsedPipeline } from './parsed-pipeline.ts'
import type { WrittenPipeline } from './spec/serving-pipeline.ts'
import { nameSpec } from './spec/name-spec.ts'
import { isMapping, type Fields } from './spec/rule.ts'
import { readSource } from './validate/read-source.ts'
import { readDocument } from './validate/yaml-document.ts'

/** The name of the text in faults. */
const file = 'body'

/** A definition as it is to be kept. */
export interface ReadDefinition {
  readonly definition: WrittenPipeline
  /** The same, with the places of its fields in the text. */
  readonly parsed: ParsedPipeline
  readonly version: string | undefined
}

/**
 * The one definition of a text, YAML or JSON, of the pipeline `namespace/name`: what a person writes of it, and the
 * version that it names. Throws INVALID_REQUEST that lists every fault; `textOf`: in these words.
 */
export function readOnePipeline(
  text: string,
  pipeline: string,
  environment: Environment,
  textOf: (fault: Fault) => string = formatFault
): ReadDefinition {
  const pipelines: ParsedPipeline[] = []
  const faults: Fault[] = []
  const parts = pipeline.split('/')
  if (parts.length !== 2 || !parts.every(part => nameSpec.safeParse(part).success)) {
    faults.push(atTop('the path must name a namespace and a pipeline: lower-case letters, digits and inner dashes'))
  }
  for (const read of readSource({ file, text }, environment)) {
    if (read.kind === 'fault') faults.push(read.fault)
    else pipelines.push(read.pipeline)
  }
  const [parsed] = pipelines
  if (pipelines.length > 1) faults.push(atTop(`there are ${pipelines.length} definitions; one at a time`))
  if (parsed !== undefined) faults.push(...nameFaults(parsed, pipeline))
  if (parsed === undefined || faults.length > 0) throw invalid(faults, textOf)
  const { apiVersion, kind, metadata, spec } = parsed.definition
  const [namespace = '', name = ''] = pipeline.split('/')
  const { labels, annotations, resourceVersion } = metadata
  const own = { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) }
  const definition = { apiVersion, kind, metadata: own, spec }
  return { definition, parsed: { ...parsed, namespace, name, definition }, version: versionText(resourceVersion) }
}

/** The fields of a patch, YAML or JSON. Throws INVALID_REQUEST. */
export function readPatch(text: string): Fields {
  const read = readDocument(parseDocument(text, { stringKeys: true, uniqueKeys: false, logLevel: 'silent' }))
  if (read.kind === 'broken' || read.faults.length > 0) {
    throw new SluiceError('INVALID_REQUEST', read.faults.map(({ message }) => message).join('; '))
  }
  if (!isMapping(read.value)) throw new SluiceError('INVALID_REQUEST', 'the patch must be an object')
  return read.value
}

/** The refusal of a definition. */
export function invalid(faults: readonly Fault[], textOf: (fault: Fault) => string = formatFault): SluiceError {
  const lines = faults.toSorted((a, b) => a.line - b.line || a.column - b.column).map(fault => textOf(fault))
  return new SluiceError('INVALID_REQUEST', lines.join('; '), { facts: { faults: lines } })
}

function nameFaults({ definition: { metadata }, line, column }: ParsedPipeline, pipeline: string): Fault[] {
  const [namespace = '', name = ''] = pipeline.split('/')
  const fault = (field: 'name' | 'namespace', wanted: string): Fault => ({
    ...atTop(`must be "${wanted}" as in the path`),
    line,
    column,
    path: `metadata.${field}`,
    pipeline
  })
  return [
    ...(metadata.name === name ? [] : [fault('name', name)]),
    ...(metadata.namespace === undefined || metadata.namespace === namespace ? [] : [fault('namespace', namespace)])
  ]
}

const atTop = (message: string): Fault => ({
  file,
  line: 1,
  column: 1,
  path: '',
  pipeline: undefined,
  code: 'INVALID',
  message,
  hint: undefined
})

const versionText = (version: unknown): string | undefined =>
  typeof version === 'string' || typeof version === 'number' ? String(version) : undefined
