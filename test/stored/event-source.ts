import { EventSourceParserStream } from 'eventsource-parser/stream'
import { waitFor } from '../helpers/wait-for.ts'

export interface SeenEvent {
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

/** Reads server-sent events beside the test, as a browser would. */
export interface TestEventSource extends AsyncDisposable {
  readonly events: readonly SeenEvent[]
  /** As an `EventSource` would send it. */
  readonly lastEventId: string
  /** Resolves once there is an event of this name; for the `count`-th of them. */
  until(event: string, count?: number): Promise<void>
  /** Resolves when the answer is over, however it ended. */
  ended(): Promise<void>
  /** The last event of this name. */
  last(event: string): SeenEvent | undefined
  /** The data of all events of this name, together. */
  text(event: string): string
}

export async function startEventSource(url: string, lastEventId?: string): Promise<TestEventSource> {
  const leaving = new AbortController()
  const headers = { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) }
  const answer = await fetch(url, { headers, signal: leaving.signal })
  if (answer.status !== 200 || answer.body === null) throw new Error(`${url} answered ${answer.status}`)
  const events: SeenEvent[] = []
  const parsed = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  const reading = (async () => {
    for await (const { event = 'message', data, id } of parsed) events.push({ event, data, id })
  })().catch(() => {})
  const named = (event: string) => events.filter(seen => seen.event === event)
  return {
    events,
    get lastEventId() {
      return events.findLast(({ id }) => id !== undefined)?.id ?? ''
    },
    until: async (event, count = 1) => {
      await waitFor(() => named(event).length >= count, { what: `event ${count} called ${event}` })
    },
    ended: () => reading,
    last: event => named(event).at(-1),
    text: event =>
      named(event)
        .map(({ data }) => data)
        .join(''),
    [Symbol.asyncDispose]: async () => {
      leaving.abort()
      await reading
    }
  }
}
