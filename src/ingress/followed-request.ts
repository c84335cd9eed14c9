import type { Answer } from '../http/answer.ts'
import { isFinished } from '../stored/is-finished.ts'
import type { News } from '../stored/news.ts'
import type { Arrival } from './arrival.ts'
import { followReply } from './followed-reply.ts'
import { timingSoFar } from './server-timing.ts'
import { streamEvents, type RecordEvents } from './stream-events.ts'
import { isEventStream } from './streamed-reply.ts'

/**
 * Tells a caller what happens to the request that was just stored, in server-sent events; a reply that streams such
 * events itself, and begins to within so many milliseconds, is the whole answer.
 */
export async function followRequest(
  arrival: Arrival,
  events: RecordEvents,
  holdMs: number
): Promise<Answer | undefined> {
  const iterator = events.news[Symbol.asyncIterator]()
  const { held, next, isWhole } = await readHeld(iterator, holdMs)
  const news = resumed(held, next, iterator)
  if (isWhole) return followReply(arrival, news)
  arrival.outgoing.setHeader('server-timing', timingSoFar(arrival))
  await streamEvents(arrival.outgoing, { ...events, news })
  return undefined
}

interface Held {
  /** The part that has been read. */
  readonly held: readonly News[]
  readonly next: Promise<IteratorResult<News>>
  /** The reply streams server-sent events, and has begun to. */
  readonly isWhole: boolean
}

/** Reads until the time is over, a reply has begun to stream, or the request has come to its end. */
async function readHeld(iterator: AsyncIterator<News>, holdMs: number): Promise<Held> {
  const held: News[] = []
  const over = Promise.withResolvers<undefined>()
  const timer = holdMs === Infinity ? undefined : setTimeout(() => over.resolve(undefined), holdMs)
  let next = ahead(iterator)
  try {
    for (;;) {
      const got = holdMs === 0 ? undefined : await Promise.race([next, over.promise])
      if (got === undefined || got.done === true) return { held, next, isWhole: false }
      const { value } = got
      held.push(value)
      next = ahead(iterator)
      if (value.kind === 'piece') return { held, next, isWhole: isEventStream(value.head) }
      if (value.kind === 'changed' && isFinished(value.record)) return { held, next, isWhole: false }
    }
  } finally {
    clearTimeout(timer)
  }
}

/** A read may fail while a slow caller has the part before it: the failure then waits for whoever comes to it. */
function ahead(iterator: AsyncIterator<News>): Promise<IteratorResult<News>> {
  const next = iterator.next()
  next.catch(() => {})
  return next
}

/** The part that was read already, and the rest. */
async function* resumed(
  held: readonly News[],
  next: Promise<IteratorResult<News>>,
  iterator: AsyncIterator<News>
): AsyncGenerator<News> {
  try {
    yield* held
    for (let got = await next; got.done !== true; got = await iterator.next()) yield got.value
  } finally {
    await iterator.return?.()
  }
}
