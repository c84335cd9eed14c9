import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { listenOnLoopback } from '../../helpers/loopback.ts'

/** The pipeline calls these: two steps, the destination of replies, and the dead letter sink. */
export const places = ['filter', 'model', 'reply', 'sink'] as const
export type Place = (typeof places)[number]

/** The data of each event: its number, which stays with it on its way, and the end that it is made for. */
export interface Numbered {
  readonly n: number
  readonly end: End
}

export type End = 'replied' | 'filtered' | 'failed'

/** The calls of one place for one event. */
export interface Visits {
  readonly calls: number
  /** More than one: the step could not have deduplicated. */
  readonly eventIds: ReadonlySet<string>
}

/** Servers that outlive the gateways, and count each call by the number of its event. */
export interface CountedPlaces extends AsyncDisposable {
  urlOf(place: Place): string
  visitsOf(place: Place, n: number): Visits
  /** From now on the model fails no event. */
  heal(): void
}

const none: Visits = { calls: 0, eventIds: new Set() }

/** `serviceMs` says how long a step works. */
export async function startCountedPlaces(serviceMs: () => number): Promise<CountedPlaces> {
  const health = { well: false }
  const visits = new Map<string, { calls: number; eventIds: Set<string> }>()
  const count = (key: string, eventId: string): void => {
    const known = visits.get(key) ?? { calls: 0, eventIds: new Set<string>() }
    known.calls++
    known.eventIds.add(eventId)
    visits.set(key, known)
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const place = request.url?.slice(1)
    const body = await text(request)
    const { n, end }: Numbered = JSON.parse(body)
    count(`${place}/${n}`, String(request.headers['ce-id']))
    if (place === 'filter' || place === 'model') await delay(serviceMs())
    response.writeHead(statusOf(place, end, health.well), { 'content-type': 'application/json' }).end(body)
  }
  const server = createServer((request, response) => {
    // A caller that was killed goes away in the middle.
    serve(request, response).catch(() => response.destroy())
  })
  const port = await listenOnLoopback(server)
  return {
    urlOf: place => `http://127.0.0.1:${port}/${place}`,
    visitsOf: (place, n) => visits.get(`${place}/${n}`) ?? none,
    heal() {
      health.well = true
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
  }
}

function statusOf(place: string | undefined, end: End, well: boolean): number {
  if (place === 'reply' || place === 'sink') return 202
  if (place === 'filter' && end === 'filtered') return 202
  return place === 'model' && end === 'failed' && !well ? 400 : 200
}
