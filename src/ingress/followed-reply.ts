import { encodeBinary } from '../event/encode-binary.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Answer } from '../http/answer.ts'
import { cut } from '../http/cut.ts'
import { PassedAnswer } from '../http/passed-answer.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { isFinished } from '../stored/is-finished.ts'
import type { News } from '../stored/news.ts'
import type { Arrival } from './arrival.ts'
import { wantsStructured } from './outcome-answer.ts'
import { recordAnswer } from './record-answer.ts'
import { timingSoFar } from './server-timing.ts'
import { bodyText, isEventStream } from './streamed-reply.ts'

/** HTTP/1.0 cannot tell the end of an answer from a connection that breaks, and a structured event is one whole. */
export const takesStreams = ({ incoming, headers }: Arrival): boolean =>
  incoming.httpVersion !== '1.0' && !wantsStructured(headers.get('accept'))

/**
 * Passes on the reply of a stored request as it comes. Gives an answer where the request has come to its end before
 * anything of a reply, and nothing when the answer has begun, or the caller is gone. Cuts an answer that has begun when
 * the news fail.
 */
export async function followReply(arrival: Arrival, news: AsyncIterable<News>): Promise<Answer | undefined> {
  try {
    return await passOn(arrival, news)
  } catch (thrown) {
    if (arrival.outgoing.headersSent) cut(arrival.outgoing)
    throw thrown
  }
}

async function passOn(arrival: Arrival, news: AsyncIterable<News>): Promise<Answer | undefined> {
  const { outgoing } = arrival
  let passed: PassedAnswer | undefined
  for await (const one of news) {
    if (outgoing.destroyed) return undefined
    switch (one.kind) {
      case 'piece':
        passed ??= begin(arrival, one.head)
        await pass(passed, one.octets, arrival)
        break
      case 'restart':
        if (passed === undefined) break
        cut(outgoing)
        return undefined
      case 'changed':
        if (!isFinished(one.record)) break
        return passed === undefined ? answerOf(arrival, one.record) : end(passed, arrival, one.record)
    }
  }
  if (passed !== undefined) cut(outgoing)
  return undefined
}

const answerOf = ({ headers, path }: Arrival, record: RequestRecord): Answer | undefined =>
  recordAnswer(record, headers.get('accept'), path)

function begin(arrival: Arrival, head: CloudEvent): PassedAnswer {
  const { headers } = encodeBinary(head)
  const more = ['sluice-request-id', arrival.requestId, 'server-timing', timingSoFar(arrival)]
  return new PassedAnswer(arrival.outgoing, [...headers, ...more], isEventStream(head))
}

function end(passed: PassedAnswer, arrival: Arrival, record: RequestRecord): undefined {
  if (record.status === 'replied') passed.end()
  else passed.breakOff(bodyText(answerOf(arrival, record)))
}

/** Waits for a caller who reads slowly, or is gone. */
async function pass(passed: PassedAnswer, octets: Uint8Array, { outgoing }: Arrival): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (passed.pass(octets, resolve)) return
  outgoing.once('close', resolve)
  await promise
  outgoing.off('close', resolve)
}
