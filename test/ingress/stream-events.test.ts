import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { EndSwitch } from '../../src/flow/end-switch.ts'
import { streamEvents } from '../../src/ingress/stream-events.ts'
import { newsOf } from '../../src/stored/news.ts'
import { Waiters } from '../../src/stored/waiters.ts'
import type { RequestRecord } from '../../src/ledger/record/request-record.ts'
import { aRecord } from '../helpers/ledger-requests.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { readServerSentEvents, restOf } from '../stored/event-reader.ts'

/** The names of the events that a caller gets when the shutdown begins as he waits, and this is what the wait gives. */
async function eventsAround(first: RequestRecord, then: Partial<RequestRecord>): Promise<string[]> {
  using waiters = new Waiters()
  const wait = (): Promise<RequestRecord> => {
    waiters.close(60_000)
    return Promise.resolve({ ...first, ...then })
  }
  const readPieces = () => Promise.resolve(undefined)
  const news = newsOf(first, undefined, new EndSwitch(), { ledger: { wait, readPieces }, waiters })
  const document = ({ id }: RequestRecord) => ({ id })
  const events = { id: first.id, news, after: 0, hasPieces: false, document, withReply: false }
  const server = createServer((_, outgoing) => void streamEvents(outgoing, events))
  const answer = await fetch(`http://127.0.0.1:${await listenOnLoopback(server)}`)
  expect(answer.headers.get('sluice-request-id')).toBe(first.id)
  const seen = await restOf(readServerSentEvents(answer))
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  return seen.map(({ event }) => event)
}

const waiting = aRecord({ status: 'accepted', version: 1 })
const running = aRecord({ status: 'running', version: 2 })

it('tells the end of a request that comes as the gateway lets its callers go', async () => {
  expect(await eventsAround(waiting, { status: 'replied', version: 3 })).toEqual(['accepted', 'replied'])
})

it('tells nothing twice when the gateway lets its callers go', async () => {
  expect(await eventsAround(waiting, {})).toEqual(['accepted'])
})

it('ends when a request is put back after the shutdown began', async () => {
  expect(await eventsAround(running, { status: 'accepted', version: 3 })).toEqual(['running', 'accepted'])
})
