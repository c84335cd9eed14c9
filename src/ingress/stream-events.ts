import type { ServerResponse } from 'node:http'
import type { EndSignal } from '../event/end-signal.ts'
import type { EndSwitch } from '../flow/end-switch.ts'
import { EventStream } from '../http/event-stream.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { isFinished } from '../stored/wait-until-finished.ts'
import { replyText } from './reply-text.ts'
import type { Waiters } from '../stored/waiters.ts'

export interface RecordEvents {
  readonly gone: EndSwitch
  readonly first: RequestRecord
  /** The version that the caller has seen (`Last-Event-ID`); 0: none. */
  readonly after: number
  /** The record once its version is above this one. */
  readonly next: (version: number, signal: EndSignal) => Promise<RequestRecord | 'expired' | undefined>
  readonly document: (record: RequestRecord) => unknown
  /** Whether the reply itself follows when the request is replied. */
  readonly withReply: boolean
  readonly waiters: Waiters
}

/** Writes a record at each change, an event each, until it is finished, or the caller or the gateway goes away. */
export async function streamEvents(
  outgoing: ServerResponse,
  { gone, first, after, next, document, withReply, waiters }: RecordEvents
): Promise<void> {
  const stream = new EventStream(outgoing)
  stream.open(first.id)
  const waiter = waiters.add(gone, first.status === 'running')
  try {
    let record: RequestRecord | 'expired' | undefined = first
    let seen = after
    while (typeof record === 'object' && !outgoing.destroyed) {
      // A wait that is given up gives the record as it stands, which may be as it was.
      if (record.version > seen) stream.send(record.status, JSON.stringify(document(record)), record.version)
      if (withReply && record.reply !== undefined) stream.send('reply', replyText(record.reply))
      seen = Math.max(seen, record.version)
      if (isFinished(record) || gone.aborted || !waiters.goesOn(waiter, record)) break
      record = await next(record.version, gone)
    }
  } finally {
    waiters.remove(waiter)
    stream.end()
  }
}
