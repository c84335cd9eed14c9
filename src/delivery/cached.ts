import { SluiceError, type ErrorCode } from '../errors.ts'
import { attribute, type CloudEvent } from '../event/event.ts'
import type { StreamTaker } from '../event/stream-taker.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import { Flights, type Work } from './flights.ts'
import { ReplyCache, type KeptReply } from './reply-cache.ts'

/** The replies that a gateway keeps, and the calls under way that will give one. */
export interface Replies {
  readonly cache: ReplyCache
  readonly flights: Flights<Delivered | typeof streams>
}

export const createReplies = (): Replies => ({ cache: new ReplyCache(), flights: new Flights() })

/** The answer goes to the caller of the one call as it comes: nobody else can have it. */
const streams = Symbol('streams')

export interface CachedOptions {
  readonly ttlMs: number
  /** Names the destination, as its breaker does. */
  readonly destination: string
  /** Whether a reply may be used again. */
  readonly isFit: (reply: CloudEvent) => boolean
}

/** A delivery, or a reply that is there already. */
export type Cached = { readonly kind: 'hit'; readonly reply: KeptReply } | Delivered

/** Failures of who made the call, and of no other that waits for the same answer. */
const personal: ReadonlySet<ErrorCode> = new Set(['DEADLINE_EXCEEDED', 'CALL_LIMIT'])

/** Takes the reply that is kept under the key, or that is under way, and calls only where there is none. */
export async function deliverCached(
  key: string,
  deliver: Deliver,
  event: CloudEvent,
  call: Call,
  options: CachedOptions,
  replies: Replies
): Promise<Cached> {
  const { cache, flights } = replies
  for (;;) {
    const kept = cache.get(key, options.ttlMs)
    if (kept !== undefined) return { kind: 'hit', reply: kept }
    const following = flights.follow(key, call)
    if (following === undefined) return lead(key, deliver, event, call, options, replies)
    const landed = await following
    if (landed.kind === 'gone') return { kind: 'cancelled' }
    if (landed.kind === 'late') return { kind: 'failed', error: tooLate() }
    const { value } = landed
    if (value === streams) return deliver(event, call)
    if (value.kind === 'reply') return { kind: 'hit', reply: keptReply(value.event) }
    if (value.kind === 'empty' || (value.kind === 'failed' && !personal.has(value.error.code))) return value
  }
}

async function lead(
  key: string,
  deliver: Deliver,
  event: CloudEvent,
  call: Call,
  { destination, isFit }: CachedOptions,
  { cache, flights }: Replies
): Promise<Delivered> {
  let streamed = false
  const landed = await flights.lead(key, call, (signal): Work<Delivered | typeof streams> => {
    const began = Promise.withResolvers<typeof streams>()
    const stream =
      call.stream &&
      tellBegin(call.stream, () => {
        streamed = true
        began.resolve(streams)
      })
    const own = deliver(event, { ...call, signal, stream }).then(delivered => {
      if (delivered.kind === 'reply' && !streamed && isFit(delivered.event)) {
        cache.put(key, destination, keptReply(delivered.event))
      }
      return delivered
    })
    return { own, shared: Promise.race([own, began.promise]) }
  })
  return landed.kind === 'landed' && landed.value !== streams ? landed.value : { kind: 'cancelled' }
}

const tellBegin = (taker: StreamTaker, began: () => void): StreamTaker => ({
  begin: reply => {
    began()
    return taker.begin(reply)
  },
  pass: (octets, drained) => taker.pass(octets, drained),
  whole: taker.whole,
  mayBegin: taker.mayBegin
})

const noOctets = new Uint8Array(0)

const keptReply = (event: CloudEvent): KeptReply => ({
  contentType: attribute(event, 'datacontenttype'),
  data: event.data ?? noOctets
})

const tooLate = (): SluiceError =>
  new SluiceError('DEADLINE_EXCEEDED', 'the same call that is under way was not answered before the deadline', {
    facts: { cutShort: true }
  })
