import { asBuffer } from '../../event/as-buffer.ts'
import { decodeHead, encodeHead } from '../record/packed-head.ts'
import type { Piece, Pieces, PiecesFrom, Streams } from '../streams.ts'
import type { Claim } from '../work.ts'
import { encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import { readBytes, readList, readNumber } from './read-reply.ts'
import type { RedisConnection } from './redis-connection.ts'
import { appendPieceScript } from './scripts/append-piece.ts'
import { readPiecesScript } from './scripts/read-pieces.ts'

/** The streams of requests that run. */
export class RedisRequestStreams implements Streams {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #onChange: (pipeline: string) => void

  constructor(connection: RedisConnection, keys: Keys, onChange: (pipeline: string) => void) {
    this.#connection = connection
    this.#keys = keys
    this.#onChange = onChange
  }

  async appendPiece({ pipeline, id, token }: Claim, { offset, octets, head }: Piece): Promise<number | undefined> {
    const args = [encodeName(id), token, offset, encodeHead(head), asBuffer(octets)]
    const run = readNumber(await this.#connection.run(appendPieceScript, this.#keys.pipeline(pipeline), args))
    this.#onChange(pipeline)
    return run === 0 ? undefined : run
  }

  async readPieces(pipeline: string, id: string, from: PiecesFrom): Promise<Pieces | undefined> {
    const args = [encodeName(id), from.run ?? '', from.offset, from.limit]
    const [run, offset, head, octets] = readList(
      await this.#connection.run(readPiecesScript, this.#keys.pipeline(pipeline), args)
    )
    if (run === undefined) return undefined
    return {
      run: readNumber(run),
      offset: readNumber(offset),
      head: decodeHead(readBytes(head)),
      octets: new Uint8Array(readBytes(octets))
    }
  }
}
