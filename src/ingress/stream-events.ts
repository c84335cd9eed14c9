import type { ServerResponse } from 'node:http'
import type { RequestRecord } from '../ledger/request-record.ts'
import { callerGone } from './caller-gone.ts'
import { isFinished } from './finished.ts'

export interface EventStream {
  /** Of the call that asks for the stream: `sluice-request-id`. */
  readonly requestId: string
  readonly first: RequestRecord
  /** The version that the caller has seen (`Last-Event-ID`); 0: none. */
  readonly after: number
  /** The record once its version is above this one. */
  readonly next: (version: number, signal: AbortSignal) => Promise<RequestRecord | 'expired' | undefined>
  readonly document: (record: RequestRecord) => unknown
}

/** Proxies close connections on which nothing comes. */
const heartbeatMs = 15_000

/** Writes a record at each change, an event each, until it is finished or the caller goes away. */
export async function streamEvents(
  outgoing: ServerResponse,
  { requestId, first, after, next, document }: EventStream
): Promise<void> {
  const signal = callerGone(outgoing)
  outgoing.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'sluice-request-id': requestId
  })
  outgoing.flushHeaders()
  const heartbeat = setInterval(() => outgoing.write(': still here\n\n'), heartbeatMs)
  try {
    let record: RequestRecord | 'expired' | undefined = first
    while (typeof record === 'object' && !signal.aborted) {
      if (record.version > after) {
        outgoing.write(`id: ${record.version}\nevent: ${record.status}\ndata: ${JSON.stringify(document(record))}\n\n`)
      }
      if (isFinished(record)) break
      record = await next(record.version, signal)
    }
  } finally {
    clearInterval(heartbeat)
    outgoing.end()
  }
}
