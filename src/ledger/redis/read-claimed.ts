import type { Claimed } from '../ledger.ts'
import { readStoredRecord } from '../stored-record.ts'
import { decodeName } from './key-name.ts'
import { asBytes } from './read-fields.ts'
import { readBytes, readList, readText } from './reply.ts'

/** What `claimScript` answers. */
export function readClaimed(pipeline: string, reply: unknown): readonly Claimed[] {
  const [text, ...frames] = readList(reply)
  const lines = readText(text)
  if (lines === '') return []
  return lines.split('\n').map((line, i) => readLine(pipeline, line, frames[2 * i], frames[2 * i + 1]))
}

function readLine(pipeline: string, line: string, request: unknown, progress: unknown): Claimed {
  const [name = '', token, version, deliveries, acceptedAt, takenOver] = line.split(' ')
  const id = decodeName(name)
  const progressBytes = readBytes(progress)
  const record = readStoredRecord({
    id,
    pipeline,
    status: 'running',
    version: Number(version),
    deliveries: Number(deliveries),
    acceptedAt: Number(acceptedAt),
    finishedAt: undefined,
    request: asBytes(readBytes(request)),
    progress: progressBytes.length === 0 ? undefined : asBytes(progressBytes),
    settlement: undefined
  })
  return { pipeline, id, token: Number(token), takenOver: takenOver === '1', record }
}
