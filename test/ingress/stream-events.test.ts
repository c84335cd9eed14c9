import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { streamEvents, type RecordEvents } from '../../src/ingress/stream-events.ts'
import { Waiters } from '../../src/ingress/waiters.ts'
import { aRecord } from '../helpers/ledger-requests.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { readServerSentEvents, restOf } from '../stored/event-reader.ts'

/** The names of the events that a caller gets. */
async function eventsOf(records: Pick<RecordEvents, 'first' | 'next' | 'waiters'>): Promise<string[]> {
  const how = { after: 0, document: ({ id }: { readonly id: string }) => ({ id }), withReply: false }
  const server = createServer((_, outgoing) => void streamEvents(outgoing, { ...how, ...records }))
  const port = await listenOnLoopback(server)
  const answer = await fetch(`http://127.0.0.1:${port}`)
  expect(answer.headers.get('sluice-request-id')).toBe(records.first.id)
  const events = await restOf(readServerSentEvents(answer))
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  return events.map(({ event }) => event)
}

it('tells the end of a request that comes as the gateway lets its callers go', async () => {
  using waiters = new Waiters()
  const first = aRecord({ status: 'accepted', version: 1 })
  const next = (): Promise<typeof first> => {
    waiters.close(1_000)
    return Promise.resolve({ ...first, status: 'replied', version: 3 })
  }
  expect(await eventsOf({ first, next, waiters })).toEqual(['accepted', 'replied'])
})

it('tells nothing twice when the gateway lets its callers go', async () => {
  using waiters = new Waiters()
  const first = aRecord({ status: 'accepted', version: 1 })
  const next = (): Promise<typeof first> => {
    waiters.close(1_000)
    return Promise.resolve(first)
  }
  expect(await eventsOf({ first, next, waiters })).toEqual(['accepted'])
})

it('ends when a request is put back after the shutdown began', async () => {
  using waiters = new Waiters()
  const first = aRecord({ status: 'running', version: 2 })
  const next = (): Promise<typeof first> => {
    waiters.close(60_000)
    return Promise.resolve({ ...first, status: 'accepted', version: 3 })
  }
  expect(await eventsOf({ first, next, waiters })).toEqual(['running', 'accepted'])
})
