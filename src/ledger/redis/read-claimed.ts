import type { Claimed } from '../ledger.ts'
import { decodeName } from './key-name.ts'
import { readRecord } from './read-fields.ts'
import { readBytes, readList, readText } from './reply.ts'
import { readStateWords } from './state-words.ts'

/** Frame, data, progress, and why it was held the last time. */
const framesOfEach = 4

/** What `claimScript` answers. */
export function readClaimed(pipeline: string, reply: unknown): readonly Claimed[] {
  const [text, ...frames] = readList(reply)
  const lines = readText(text)
  if (lines === '') return []
  return lines
    .split('\n')
    .map((line, i) => readLine(pipeline, line, frames.slice(framesOfEach * i, framesOfEach * (i + 1))))
}

function readLine(pipeline: string, line: string, frames: readonly unknown[]): Claimed {
  const [name = '', takenOver, ...words] = line.split(' ')
  const [request, data, progress, waiting] = frames.map(readBytes)
  const id = decodeName(name)
  const state = readStateWords(words.join(' '))
  const record = readRecord(pipeline, id, state, {
    request,
    data,
    progress,
    settlement: undefined,
    waiting
  })
  return { pipeline, id, token: Number(state.token), takenOver: takenOver === '1', record }
}
