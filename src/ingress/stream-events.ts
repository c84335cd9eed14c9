import type { ServerResponse } from 'node:http'
import { EventStream } from '../http/event-stream.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import { isFinished } from '../stored/is-finished.ts'
import type { News, NewPiece } from '../stored/news.ts'
import { ChunkEvents } from './chunk-events.ts'
import { replyText } from './reply-text.ts'

export interface RecordEvents {
  readonly id: string
  readonly news: AsyncIterable<News>
  /** The version that the caller has seen (`Last-Event-ID`); 0: none. */
  readonly after: number
  /** The caller has seen a part of the stream: the id of it is to stay the last one until there is more. */
  readonly hasPieces: boolean
  readonly document: (record: RequestRecord) => unknown
  /** Whether the reply itself follows when the request is replied, and has not come in pieces. */
  readonly withReply: boolean
}

/** Writes what happens to a request, an event each, until there is no more, or the caller goes away. */
export async function streamEvents(outgoing: ServerResponse, events: RecordEvents): Promise<void> {
  const writer = new EventWriter(outgoing, events)
  try {
    for await (const one of events.news) {
      if (outgoing.destroyed) break
      await writer.tell(one)
    }
  } finally {
    writer.end()
  }
}

class EventWriter {
  readonly #outgoing: ServerResponse
  readonly #stream: EventStream
  readonly #events: RecordEvents
  #seen: number
  #told = ''
  readonly #chunks: ChunkEvents
  #hasPieces: boolean
  /** Of the last piece. */
  #run = 0
  #end = 0

  constructor(outgoing: ServerResponse, events: RecordEvents) {
    this.#outgoing = outgoing
    this.#stream = new EventStream(outgoing)
    this.#chunks = new ChunkEvents(this.#stream)
    this.#events = events
    this.#seen = events.after
    this.#hasPieces = events.hasPieces
    this.#stream.open(events.id)
  }

  async tell(news: News): Promise<void> {
    switch (news.kind) {
      case 'piece':
        return this.#piece(news)
      case 'restart':
        this.#chunks.forget()
        this.#hasPieces = true
        this.#stream.send('restart', JSON.stringify({ run: news.run }), `${news.run}-0`)
        return undefined
      case 'changed':
        return this.#changed(news.record)
    }
  }

  end(): void {
    this.#stream.end()
  }

  async #piece({ run, end, octets, head }: NewPiece): Promise<void> {
    if (!this.#chunks.isBegun) this.#chunks.begin(head)
    this.#hasPieces = true
    this.#run = run
    this.#end = end
    await this.#taken(resolve => this.#chunks.tell(octets, resolve, this.#idOf))
  }

  async #changed(record: RequestRecord): Promise<void> {
    const isOver = isFinished(record)
    if (isOver) await this.#taken(resolve => this.#chunks.end(resolve, this.#idOf))
    const { status, version } = record
    const text = JSON.stringify(this.#events.document(record))
    // Each piece of a stream is a new version.
    const told = `${status} ${text}`
    if (version > this.#seen && told !== this.#told) {
      this.#stream.send(status, text, isOver || !this.#hasPieces ? version : undefined)
    }
    this.#told = told
    const { withReply } = this.#events
    if (withReply && !this.#hasPieces && record.reply !== undefined) this.#stream.send('reply', replyText(record.reply))
    this.#seen = Math.max(this.#seen, version)
  }

  /** How many octets of the run have been told with a chunk. */
  readonly #idOf = (left: number): string => `${this.#run}-${this.#end - left}`

  /** Waits for a caller who reads slowly, or is gone. */
  async #taken(tell: (drained: () => void) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (tell(resolve)) return
    this.#outgoing.once('close', resolve)
    await promise
    this.#outgoing.off('close', resolve)
  }
}
