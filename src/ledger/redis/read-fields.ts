import type { DeadLetter } from '../dead-letter.ts'
import type { RequestRecord } from '../request-record.ts'
import { readStoredRecord } from '../stored-record.ts'
import { decodeName } from './key-name.ts'
import { readFields, readList, readText } from './reply.ts'

const statuses: ReadonlySet<string> = new Set<RequestRecord['status']>([
  'accepted',
  'running',
  'replied',
  'filtered',
  'failed',
  'cancelled'
])

type Fields = ReadonlyMap<string, Buffer>

/** The record behind the fields of a hash. */
export function readRecordFields(pipeline: string, id: string, fields: Fields): RequestRecord {
  const finishedAt = fields.get('finishedAt')
  return readStoredRecord({
    id,
    pipeline,
    status: readStatus(text(fields, 'status')),
    version: Number(text(fields, 'version')),
    deliveries: Number(text(fields, 'deliveries')),
    acceptedAt: Number(text(fields, 'acceptedAt')),
    finishedAt: finishedAt === undefined ? undefined : Number(finishedAt),
    request: asBytes(required(fields, 'request')),
    progress: asBytes(fields.get('progress')),
    settlement: asBytes(fields.get('settlement'))
  })
}

export function readDeadLetterFields(pipeline: string, id: string, fields: Fields): DeadLetter {
  const replayedAs = fields.get('replayedAs')
  return {
    record: readRecordFields(pipeline, id, fields),
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
export function asBytes(value: Buffer): Uint8Array
export function asBytes(value: Buffer | undefined): Uint8Array | undefined
export function asBytes(value: Buffer | undefined): Uint8Array | undefined {
  return value && new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

const text = (fields: Fields, name: string): string => required(fields, name).toString()

function required(fields: Fields, name: string): Buffer {
  const value = fields.get(name)
  if (value === undefined) throw new TypeError(`a record in Redis has no ${name}`)
  return value
}

function readStatus(status: string): RequestRecord['status'] {
  if (!isStatus(status)) throw new TypeError(`a record in Redis has the status ${status}`)
  return status
}

const isStatus = (status: string): status is RequestRecord['status'] => statuses.has(status)
