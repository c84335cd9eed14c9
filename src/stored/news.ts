import type { EndSwitch } from '../flow/end-switch.ts'
import type { CloudEvent } from '../event/event.ts'
import type { RequestRecord } from '../ledger/record/request-record.ts'
import type { Streams } from '../ledger/streams.ts'
import { changesOf, type ChangesDeps } from './changes.ts'

/** The events of a stored request, for one who follows it. */
export type News =
  | { readonly kind: 'changed'; readonly record: RequestRecord }
  | NewPiece
  /** The run that streamed broke off: what came of it is not part of what another one streams from its start. */
  | { readonly kind: 'restart'; readonly run: number }

export interface NewPiece {
  readonly kind: 'piece'
  readonly run: number
  /** Octets of the run that have come with it. */
  readonly end: number
  readonly octets: Uint8Array
  /** The reply, without its data. */
  readonly head: CloudEvent
}

/** How much of a stream somebody has. */
export interface StreamPlace {
  readonly run: number
  readonly offset: number
}

export interface NewsDeps extends ChangesDeps {
  readonly ledger: ChangesDeps['ledger'] & Pick<Streams, 'readPieces'>
}

/** Octets that are read at once. */
const readBytes = 64 * 1024

/**
 * The pieces of what a request streams, behind those that somebody has, and the record at each change, after the pieces
 * that came before it; until the request has come to its end, the caller goes, or the gateway.
 */
export async function* newsOf(
  first: RequestRecord,
  seen: StreamPlace | undefined,
  ending: EndSwitch,
  deps: NewsDeps
): AsyncGenerator<News, void, undefined> {
  let place = seen
  for await (const record of changesOf(first, ending, deps)) {
    const { stream } = record
    if (stream !== undefined) {
      const { run } = stream
      if (place !== undefined && place.run !== run) yield { kind: 'restart', run }
      let offset = place?.run === run ? place.offset : 0
      for await (const piece of piecesOf(record, { run, offset }, deps)) {
        yield piece
        offset = piece.end
        if (ending.aborted) break
      }
      place = { run, offset }
    }
    yield { kind: 'changed', record }
  }
}

/** The pieces that there are, behind the place. */
async function* piecesOf(
  record: RequestRecord,
  { run, offset }: StreamPlace,
  deps: NewsDeps
): AsyncGenerator<NewPiece> {
  const { pipeline, id, reply } = record
  for (let from = offset; ;) {
    const pieces =
      reply === undefined
        ? await deps.ledger.readPieces(pipeline, id, { run, offset: from, limit: readBytes })
        : { run, octets: reply.data?.subarray(from, from + readBytes) ?? noOctets, head: headOf(reply) }
    if (pieces === undefined || pieces.run !== run || pieces.octets.length === 0) return
    const { octets, head } = pieces
    from += octets.length
    yield { kind: 'piece', run, end: from, octets, head }
  }
}

const noOctets = new Uint8Array()

const headOf = ({ attributes }: CloudEvent): CloudEvent => ({ attributes, data: undefined })
