import type { CloudEvent } from '../event/event.ts'
import type { Claim } from './work.ts'

/** The streams of requests that run, in pieces as they come. One that is settled has its reply in place of them. */
export interface Streams {
  /**
   * Adds octets behind those that are there; those that are there already are not added again. Answers the run that
   * they belong to: 1 for the first delivery of the request that streams, and one more for each that begins anew, which
   * takes away the octets before it. `undefined`: the claim is lost.
   */
  appendPiece(claim: Claim, piece: Piece): Promise<number | undefined>

  /** The octets that the present delivery has streamed, from one on; `undefined`: it has not begun to stream. */
  readPieces(pipeline: string, id: string, from: PiecesFrom): Promise<Pieces | undefined>
}

export interface Piece {
  /** Octets of the run before it. */
  readonly offset: number
  readonly octets: Uint8Array
  /** The reply, without its data. */
  readonly head: CloudEvent
}

export interface PiecesFrom {
  /** The run that the offset is one of; another one is read from its start. */
  readonly run: number | undefined
  readonly offset: number
  /** Octets at most. */
  readonly limit: number
}

export interface Pieces {
  readonly run: number
  readonly offset: number
  /** None: there are no more yet. */
  readonly octets: Uint8Array
  /** The reply, without its data. */
  readonly head: CloudEvent
}
