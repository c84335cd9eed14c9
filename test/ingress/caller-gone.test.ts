import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { endingWithCaller } from '../../src/ingress/caller-gone.ts'
import { listenOnLoopback } from '../helpers/loopback.ts'
import { waitFor } from '../helpers/wait-for.ts'

type Exchange = [incoming: IncomingMessage, outgoing: ServerResponse]

/** A request as the server sees it, and how its caller hangs up. */
async function receiveOne() {
  const server = createServer()
  const port = await listenOnLoopback(server)
  const arrived = once(server, 'request') as Promise<Exchange>
  const caller = new AbortController()
  const answered = fetch(`http://127.0.0.1:${port}`, { signal: caller.signal }).catch(() => 'gone')
  const [, outgoing] = await arrived
  const close = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { outgoing, answered, hangUp: () => caller.abort(), [Symbol.asyncDispose]: close }
}

it('tells when the caller hangs up', async () => {
  await using request = await receiveOne()
  const gone = endingWithCaller(request.outgoing, () => {})
  expect(gone.aborted).toBe(false)
  request.hangUp()
  await new Promise<void>(resolve => gone.addEventListener('abort', resolve))
})

it('tells of a caller who had gone before anybody asked', async () => {
  await using request = await receiveOne()
  request.hangUp()
  await once(request.outgoing, 'close')
  expect(endingWithCaller(request.outgoing, () => {}).aborted).toBe(true)
})

it('says nothing when the answer was written', async () => {
  await using request = await receiveOne()
  const gone = endingWithCaller(request.outgoing, () => {})
  request.outgoing.end('done')
  await request.answered
  await waitFor(() => request.outgoing.closed, { what: 'the answer to be closed' })
  expect(gone.aborted).toBe(false)
  expect(endingWithCaller(request.outgoing, () => {}).aborted).toBe(false)
})
