import type { Claimed } from '../work.ts'
import { decodeName } from './key-name.ts'
import { readRecord } from './read-fields.ts'
import { readBytes, readFields, readList, readText } from './read-reply.ts'
import { readStateWords } from './state-words.ts'

/** Frame, data, mark of the root, why it was held the last time, and fields with the marks of inner sequences. */
const framesOfEach = 5

/** The answer of `claimScript`. */
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
  const [request, data, progress, waiting] = frames.slice(0, -1).map(readBytes)
  const id = decodeName(name)
  const state = readStateWords(words.join(' '))
  const record = readRecord(pipeline, id, state, {
    request,
    data,
    progress,
    inner: readFields(frames.at(-1)),
    settlement: undefined,
    waiting
  })
  return { pipeline, id, token: Number(state.token), takenOver: takenOver === '1', record }
}
