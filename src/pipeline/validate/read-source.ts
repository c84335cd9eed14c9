import { Composer, isScalar, LineCounter, Parser, type Document } from 'yaml'
import { defaults } from '../defaults.ts'
import type { Environment } from '../environment.ts'
import type { Fault } from '../fault.ts'
import type { LinePlace, ParsedPipeline } from '../parsed-pipeline.ts'
import { namesOfSinks } from '../spec/pipeline-spec.ts'
import type { WrittenPipeline } from '../spec/serving-pipeline.ts'
import { faultAt, type Place } from './fault-at.ts'
import { pathText } from './finding.ts'
import { locate } from './locate.ts'
import { validateDocument } from './validate-document.ts'
import { readDocument } from './yaml-document.ts'

/** A file, or the body of a request, with one definition or several; YAML or JSON. */
export interface DefinitionSource {
  /** As it should be named in faults. */
  readonly file: string
  readonly text: string
}

export type Read =
  { readonly kind: 'pipeline'; readonly pipeline: ParsedPipeline } | { readonly kind: 'fault'; readonly fault: Fault }

const maxTextLength = 64 * 2 ** 20
const maxFaults = 1000

/** Reads one document after the other, and no more once a file has too many faults. */
export function* readSource(source: DefinitionSource, environment: Environment | undefined): Generator<Read> {
  let faults = 0
  for (const read of readDocuments(source, environment)) {
    if (read.kind === 'fault' && ++faults > maxFaults) {
      yield limit({ ...read.fault, message: `more than ${maxFaults} faults: reading stops here` })
      return
    }
    yield read
  }
}

function* readDocuments({ file, text }: DefinitionSource, environment: Environment | undefined): Generator<Read> {
  if (text.length > maxTextLength) {
    yield limit({ file, line: 1, column: 1, message: `the file is longer than ${maxTextLength} characters` })
    return
  }
  const lines = new LineCounter()
  // Keys are strings, tags that JSON does not know are faults, and repeated keys are found later.
  const composer = new Composer({ stringKeys: true, uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' })
  let empty = true
  for (const document of composer.compose(new Parser(lines.addNewLine).parse(text))) {
    if (isEmpty(document)) continue
    empty = false
    yield* judge(document, { file, lines }, environment)
  }
  if (empty) yield emptyFile(file)
}

/** Nothing between two separators, or comments only. */
const isEmpty = ({ contents, errors }: Document.Parsed): boolean =>
  errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null))

/** A file that was cut short, or saved by mistake, must not stop what it defined. */
const emptyFile = (file: string): Read => ({
  kind: 'fault',
  fault: {
    file,
    line: 1,
    column: 1,
    path: '',
    pipeline: undefined,
    code: 'MISSING',
    message: 'there is no definition in the file',
    hint: 'remove it, or write one: sluice init makes an example'
  }
})

const limit = (fault: Pick<Fault, 'file' | 'line' | 'column' | 'message'>): Read => ({
  kind: 'fault',
  fault: { ...fault, path: '', pipeline: undefined, code: 'LIMIT', hint: undefined }
})

function* judge(document: Document.Parsed, place: Place, environment: Environment | undefined): Generator<Read> {
  const read = readDocument(document)
  for (const fault of read.faults) yield { kind: 'fault', fault: faultAt(place, fault) }
  if (read.kind === 'broken') return
  const validated = validateDocument(read.value, environment)
  if (validated.kind === 'faulty') {
    for (const finding of validated.findings) {
      const offset = locate(document, finding.path, finding.at)
      yield { kind: 'fault', fault: faultAt(place, { ...finding, offset }, read.value) }
    }
  } else if (read.faults.length === 0) {
    yield { kind: 'pipeline', pipeline: parsedPipeline(validated.definition, document, place) }
  }
}

function parsedPipeline(
  definition: WrittenPipeline,
  document: Document.Parsed,
  { file, lines }: Place
): ParsedPipeline {
  const { name, namespace = defaults.namespace } = definition.metadata
  const { line, col } = lines.linePos(locate(document, ['metadata', 'name'], 'value'))
  const places = placesIn(definition, document, lines)
  return { file, line, column: col, namespace, name, definition, ...(places && { places }) }
}

/** Of the few fields that may be faults beside the definition of the other kind; `undefined`: there are none. */
function placesIn(
  { spec }: WrittenPipeline,
  document: Document.Parsed,
  lines: LineCounter
): Record<string, LinePlace> | undefined {
  const missing = spec.steps === undefined ? [['steps']] : []
  const paths = [...missing, ...namesOfSinks(spec.steps)].map(path => ['spec', ...path])
  if (paths.length === 0) return undefined
  return Object.fromEntries(
    paths.map(path => {
      const { line, col } = lines.linePos(locate(document, path, 'value'))
      return [pathText(path), { line, column: col }]
    })
  )
}
