import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A long answer, which is made while it is written. */
export interface StreamedAnswer {
  readonly status: number
  /** Flat list of lower-case names and values. */
  readonly headers: readonly string[]
  readonly chunks: Iterable<string> | AsyncIterable<string>
}

/**
 * Writes the chunks as fast as the caller takes them; everything else that waits has its turn after each of them. A
 * caller who goes away meanwhile is not an error.
 */
export async function streamAnswer(response: ServerResponse, answer: StreamedAnswer): Promise<void> {
  if (response.destroyed) return
  response.writeHead(answer.status, [...answer.headers]).flushHeaders()
  try {
    await pipeline(Readable.from(inTurns(answer.chunks)), response)
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
  }
}

const isGone = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_STREAM_PREMATURE_CLOSE'

async function* inTurns(chunks: StreamedAnswer['chunks']): AsyncIterable<string> {
  for await (const chunk of chunks) {
    yield chunk
    await nextTurn()
  }
}
