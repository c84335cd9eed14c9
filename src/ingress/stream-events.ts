import type { ServerResponse } from 'node:http'
import { EventStream } from '../http/event-stream.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { replyText } from './reply-text.ts'

export interface RecordEvents {
  readonly id: string
  /** The record at each change. */
  readonly changes: AsyncIterable<RequestRecord>
  /** The version that the caller has seen (`Last-Event-ID`); 0: none. */
  readonly after: number
  readonly document: (record: RequestRecord) => unknown
  /** Whether the reply itself follows when the request is replied. */
  readonly withReply: boolean
}

/** Writes a record at each change, an event each, until there are no more, or the caller goes away. */
export async function streamEvents(
  outgoing: ServerResponse,
  { id, changes, after, document, withReply }: RecordEvents
): Promise<void> {
  const stream = new EventStream(outgoing)
  stream.open(id)
  try {
    let seen = after
    for await (const record of changes) {
      if (outgoing.destroyed) break
      if (record.version > seen) stream.send(record.status, JSON.stringify(document(record)), record.version)
      if (withReply && record.reply !== undefined) stream.send('reply', replyText(record.reply))
      seen = Math.max(seen, record.version)
    }
  } finally {
    stream.end()
  }
}
