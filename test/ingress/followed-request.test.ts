import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import type { Arrival } from '../../src/ingress/arrival.ts'
import type { Visit } from '../../src/flow/request.ts'
import { followRequest } from '../../src/ingress/followed-request.ts'
import type { News } from '../../src/stored/news.ts'
import { anEvent } from '../helpers/events.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'

/** More than a connection takes from nobody who reads. */
const octets = Buffer.from(`data: ${'x'.repeat(16 * 1024 * 1024)}\n\n`)

async function* brokenNews(): AsyncGenerator<News> {
  const head = { ...anEvent({ datacontenttype: 'text/event-stream' }), data: undefined }
  yield await Promise.resolve({ kind: 'piece', run: 1, end: octets.length, octets, head })
  throw new SluiceError('STORE_UNAVAILABLE', 'the store is away')
}

it('cuts an answer whose news fail while its caller reads slowly, and tells the failure', async () => {
  const followed = Promise.withResolvers<unknown>()
  const events = { id: 'r', news: brokenNews(), after: 0, hasPieces: false, document: () => ({}), withReply: false }
  const server = createServer((_, outgoing: ServerResponse) => {
    const arrival = { outgoing, requestId: 'r', at: 0, visits: [] as Visit[] } as Arrival
    followed.resolve(followRequest(arrival, events, Infinity).catch((thrown: unknown) => thrown))
  })
  const answer = await fetch(`http://127.0.0.1:${await listenOnLoopback(server)}`)
  await expect(answer.text()).rejects.toThrow('terminated')
  expect(await followed.promise).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  server.close()
  await once(server, 'close')
})
