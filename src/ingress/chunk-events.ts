import { ChunkText, type Chunk } from '../event/chunk-text.ts'
import type { CloudEvent } from '../event/event.ts'
import type { EventStream } from '../http/event-stream.ts'

/**
 * Tells the octets of a reply in events called `chunk`. Their data is text until an event called `encoding` says
 * `base64`, and text again after one that says `text`.
 */
export class ChunkEvents {
  readonly #stream: EventStream
  #encoding: Chunk['encoding'] = 'text'
  #pieces: ChunkText | undefined

  constructor(stream: EventStream) {
    this.#stream = stream
  }

  /** The reply, without its data, of which octets come next. */
  begin({ attributes }: CloudEvent): void {
    this.#pieces = new ChunkText(String(attributes.get('datacontenttype') ?? ''))
  }

  /** The run that had begun came to nothing. */
  forget(): void {
    this.#pieces = undefined
  }

  get isBegun(): boolean {
    return this.#pieces !== undefined
  }

  /**
   * `idOf` is given how many of the octets are not told yet. False: the caller reads slowly; `drained` is called when it
   * has.
   */
  tell(octets: Uint8Array, drained: () => void, idOf?: (left: number) => string): boolean {
    return this.#send(this.#pieces?.of(octets) ?? [], drained, idOf)
  }

  /** No more will come. */
  end(drained?: () => void, idOf?: (left: number) => string): boolean {
    return this.#send(this.#pieces?.rest() ?? [], drained, idOf)
  }

  #send(chunks: readonly Chunk[], drained?: () => void, idOf?: (left: number) => string): boolean {
    let goesOn = true
    for (const [i, { encoding, data, left }] of chunks.entries()) {
      if (encoding !== this.#encoding) this.#stream.send('encoding', encoding)
      this.#encoding = encoding
      const isLast = i === chunks.length - 1
      goesOn = this.#stream.send('chunk', data, idOf?.(left), isLast ? drained : undefined)
    }
    return goesOn
  }
}
