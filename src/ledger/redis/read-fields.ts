import type { DeadLetter, DeadLetterSummary } from '../dead-letters.ts'
import type { RequestRecord, RequestSummary, StreamState } from '../record/request-record.ts'
import { rootPath } from '../../pipeline/paths.ts'
import { readStoredRecord, summaryOf, type StoredRecord } from '../record/stored-record.ts'
import { noNote, readNote, type ReadNote } from '../record/note.ts'
import { decodeName } from './key-name.ts'
import { readFields, readList, readText } from './read-reply.ts'
import { readStateWords, type StateWords } from './state-words.ts'

type Fields = ReadonlyMap<string, Buffer>

/**
 * The fields of a record beside its state. A field that the state says is not there may be there all the same, and
 * empty.
 */
export interface Frames {
  readonly request: Buffer | undefined
  readonly data: Buffer | undefined
  readonly progress: Buffer | undefined
  /** Fields, of which those with the mark of an inner sequence count. */
  readonly inner: Fields
  readonly settlement: Buffer | undefined
  /** The note of the run that had it last, as JSON; or nothing. */
  readonly waiting: Buffer | undefined
  /** Its run and its size, with a space between. */
  readonly stream?: Buffer | undefined
}

/** The record with this state and these frames. */
export function readRecord(pipeline: string, id: string, state: StateWords, frames: Frames): RequestRecord {
  const record = readWithoutData(pipeline, id, state, frames)
  if (!state.holds.includes('d')) return record
  const data = asBytes(required('data', frames.data))
  return { ...record, event: { attributes: record.event.attributes, data } }
}

const readWithoutData = (
  pipeline: string,
  id: string,
  state: StateWords,
  frames: Omit<Frames, 'data'>
): RequestRecord =>
  readStoredRecord({
    id,
    pipeline,
    status: state.status,
    version: Number(state.version),
    deliveries: Number(state.deliveries),
    acceptedAt: Number(state.acceptedAt),
    finishedAt: state.finishedAt === '' ? undefined : Number(state.finishedAt),
    ...noteIn(frames.waiting, state),
    stream: frames.stream && readStream(frames.stream),
    request: asBytes(required('request', frames.request)),
    marks: state.holds.includes('p') || state.holds.includes('m') ? marksIn(state, frames) : noMarks,
    settlement: frames.settlement && asBytes(frames.settlement)
  })

const noMarks: StoredRecord['marks'] = []

/** The beginning of a field with the mark of an inner sequence; its path follows. */
const innerMark = 'mark:'

function marksIn(
  { holds }: StateWords,
  { progress, inner }: Pick<Frames, 'progress' | 'inner'>
): StoredRecord['marks'] {
  const marks: [string, Uint8Array][] = holds.includes('p') ? [[rootPath, asBytes(required('progress', progress))]] : []
  if (!holds.includes('m')) return marks
  for (const [name, bytes] of inner) {
    if (name.startsWith(innerMark)) marks.push([name.slice(innerMark.length), asBytes(bytes)])
  }
  return marks.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The record behind the fields of a hash. */
export function readRecordFields(pipeline: string, id: string, fields: Fields): RequestRecord {
  const state = readStateWords(required('state', fields.get('state')).toString())
  return readRecord(pipeline, id, state, {
    request: fields.get('request'),
    data: fields.get('data'),
    progress: fields.get('progress'),
    inner: fields,
    settlement: fields.get('settlement'),
    waiting: waitingIn(fields, state),
    stream: fields.get('stream')
  })
}

function readStream(words: Buffer): StreamState {
  const [run, size] = words.toString().split(' ').map(Number)
  return { run: run ?? 0, size: size ?? 0 }
}

/** Scripts say of a request that it is blocked; why it was held is in the record. */
const waitingIn = (fields: Fields, { acceptedAt }: StateWords): Buffer | undefined =>
  fields.has('blocked') ? Buffer.from(`{"reason":"order","since":${acceptedAt}}`) : fields.get('waiting')

const noteIn = (bytes: Buffer | undefined, { token }: StateWords): ReadNote =>
  bytes === undefined || bytes.length === 0 ? noNote : readNote(bytes.toString(), Number(token))

/** The summary of a request, from the fields that a script gives for a list. */
export function readSummaryFields(pipeline: string, id: string, fields: Fields): RequestSummary {
  const state = readStateWords(required('state', fields.get('state')).toString())
  const frames = {
    request: fields.get('request'),
    progress: fields.get('progress'),
    inner: fields,
    settlement: fields.get('settlement'),
    waiting: waitingIn(fields, state)
  }
  return summaryOf(readWithoutData(pipeline, id, state, frames))
}

export const readDeadLetterFields = (pipeline: string, id: string, fields: Fields): DeadLetter => ({
  record: readRecordFields(pipeline, id, fields),
  ...readReplay(fields)
})

export const readDeadLetterSummary = (pipeline: string, id: string, fields: Fields): DeadLetterSummary => ({
  record: readSummaryFields(pipeline, id, fields),
  ...readReplay(fields)
})

function readReplay(fields: Fields): Pick<DeadLetter, 'replayedAs' | 'closed'> {
  const replayedAs = fields.get('replayedAs')
  return {
    replayedAs: replayedAs === undefined ? undefined : decodeName(replayedAs.toString()),
    closed: fields.has('closed')
  }
}

/** An id and the fields of its hash, as the scripts list them. */
export function readEntry(reply: unknown): { readonly id: string; readonly fields: Fields } {
  const [id, fields] = readList(reply)
  return { id: decodeName(readText(id)), fields: readFields(fields) }
}

/** Without the ways of a Buffer, whose JSON and `slice` are others than those of the bytes that went in. */
const asBytes = ({ buffer, byteOffset, byteLength }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function required(name: string, value: Buffer | undefined): Buffer {
  if (value === undefined) throw new TypeError(`a record in Redis has no ${name}`)
  return value
}
