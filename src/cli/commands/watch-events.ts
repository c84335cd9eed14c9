import { setTimeout as sleep } from 'node:timers/promises'
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream'
import { isMapping, type Fields } from '../../pipeline/spec/rule.ts'
import { unreachable } from '../call-gateway.ts'
import { problemText } from '../print/problem-text.ts'

/** A gateway that was there may be away for so long, in milliseconds. */
const patienceMs = 60_000
const retryMs = 1_000
/** The answers of a gateway that starts, stops, or is without its store. */
const temporary = new Set([429, 503])

/** Events of what a reply streams. */
const ofStream: ReadonlySet<string> = new Set(['encoding', 'chunk', 'restart'])

type Opened =
  | { readonly kind: 'events'; readonly events: ReadableStream<EventSourceMessage> }
  | { readonly kind: 'over' }
  | { readonly kind: 'away'; readonly error: Error; readonly retryAfterMs: number | undefined }

/**
 * The status document of a request at each change, until it is finished. A stream that ends before is opened again,
 * after the event that came last; `tell` is given what a person should know of it. Throws what the gateway refuses;
 * also that it cannot be reached, at once or, when it was there before, after a minute.
 */
export async function* watchEvents(
  url: string,
  given: Headers,
  tell: (message: string) => void
): AsyncGenerator<Fields> {
  const headers = new Headers(given)
  let seenAt: number | undefined
  for (;;) {
    const opened = await open(url, headers)
    if (opened.kind === 'over') return
    if (opened.kind === 'away') {
      seenAt ??= opened.retryAfterMs === undefined ? -Infinity : performance.now()
      if (performance.now() - seenAt > patienceMs) throw opened.error
    } else {
      for await (const { id, event, data } of untilCut(opened.events)) {
        if (id !== undefined) headers.set('last-event-id', id)
        if (ofStream.has(event ?? '')) continue
        const document: unknown = JSON.parse(data)
        if (!isMapping(document)) continue
        yield document
        if (document['finishedAt'] !== undefined) return
      }
      seenAt = performance.now()
      tell('the events ended before the request did; asking the gateway for the rest')
    }
    await sleep((opened.kind === 'away' ? opened.retryAfterMs : undefined) ?? retryMs)
  }
}

/** Throws what is neither a stream nor a matter of time. */
async function open(url: string, headers: Headers): Promise<Opened> {
  let response: Response
  try {
    response = await fetch(url, { headers, redirect: 'manual' })
  } catch (cause) {
    return { kind: 'away', error: unreachable(url, '--gateway', cause), retryAfterMs: undefined }
  }
  const { status, body } = response
  if (status === 204) return { kind: 'over' }
  if (body !== null && response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    return {
      kind: 'events',
      events: body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    }
  }
  const bytes = Buffer.from(await response.arrayBuffer())
  const error = new Error(problemText({ url, status, headers: response.headers, body: bytes }))
  if (!temporary.has(status)) throw error
  return { kind: 'away', error, retryAfterMs: Number(response.headers.get('retry-after')) * 1000 || retryMs }
}

/** The events that came, also when the connection breaks. */
async function* untilCut(events: ReadableStream<EventSourceMessage>): AsyncGenerator<EventSourceMessage> {
  try {
    yield* events
  } catch {
    // The same as an end: what is missing is asked for again.
  }
}
