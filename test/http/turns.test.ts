import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { BodyMemory, BodyShare } from '../../src/event/body-memory.ts'
import { textAnswer, writeAnswer } from '../../src/http/answer.ts'
import type { ConnectionLoss } from '../../src/http/connections.ts'
import { listen, type NodeBindings } from '../../src/http/listen.ts'
import { answeredLater } from '../../src/http/route-request.ts'
import { usualSlowness } from '../../src/http/slowness.ts'
import { openRaw } from '../helpers/raw-client.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A server that answers a body with itself, or with so many octets as its path says, when the test lets it. */
async function startServer({ answerMs = 400 } = {}) {
  const begun: { readonly body: string; readonly answer: () => void }[] = []
  const lost: ConnectionLoss[] = []
  const ran: string[] = []
  const sockets: Socket[] = []
  const app = new Hono<NodeBindings>()
  app.all('*', c => {
    const { incoming, outgoing } = c.env
    if (!sockets.includes(incoming.socket)) sockets.push(incoming.socket)
    const octets = Number(c.req.path.slice(1))
    void incoming.body(100_000, new BodyShare(new BodyMemory(Infinity))).then(bytes => {
      const body = Buffer.from(bytes ?? '').toString()
      const text = octets > 0 ? 'x'.repeat(octets) : body
      ran.push(body)
      begun.push({ body, answer: () => writeAnswer(outgoing, textAnswer(200, text)) })
    })
    return answeredLater
  })
  const options = {
    host: '127.0.0.1',
    port: 0,
    graceMs: 100,
    slowness: { ...usualSlowness, answerMs, checkMs: 50 },
    lost: (loss: ConnectionLoss) => lost.push(loss)
  }
  const server = await listen(app, options)
  return { url: server.url, begun, ran, sockets, lost, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const post = (body: string, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${body.length}\r\n\r\n${body}`

it('requests that are sent at once are run one after the other, each with its own body', async () => {
  await using server = await startServer()
  await using connection = await openRaw(server.url)
  const bodies = ['one', '', 'x'.repeat(70_000), 'and the last']
  connection.send(bodies.map(body => post(body)).join(''))
  for (const [i, body] of bodies.entries()) {
    await waitFor(() => server.begun.length === i + 1, { what: `request ${i + 1}` })
    server.begun[i]?.answer()
    expect((await connection.response()).text).toBe(body)
  }
})

it('nothing more is read of a connection while a request waits for its turn', async () => {
  await using server = await startServer()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => socket.destroy())
  await once(socket, 'connect')
  // More than the system keeps for both sides.
  socket.write(post('x').repeat(500_000))
  await waitFor(() => server.begun.length === 1, { what: 'the first request' })
  let before = -1
  const stands = async (): Promise<boolean> => {
    const { bytesRead } = server.sockets[0] ?? { bytesRead: 0 }
    const same = bytesRead > 0 && bytesRead === before
    before = bytesRead
    await delay(100)
    return same
  }
  await waitFor(stands, { what: 'a connection that is not read any more' })
  expect(before).toBeLessThan(200_000)
  expect(server.begun.length).toBe(1)
  socket.destroy()
})

it('requests that wait are dropped with their connection', async () => {
  await using server = await startServer()
  const connection = await openRaw(server.url)
  connection.send(Array.from({ length: 20 }, (_, i) => post(`gone ${i}`)).join(''))
  await waitFor(() => server.begun.length === 1, { what: 'the first request' })
  await connection[Symbol.asyncDispose]()
  await using other = await openRaw(server.url)
  for (let i = 0; i < 20; i++) {
    other.send(post(`other ${i}`))
    const isBegun = () => server.begun.some(({ body }) => body === `other ${i}`)
    await waitFor(isBegun, { what: 'the other request' })
    for (const { answer } of server.begun.splice(0)) answer()
    await other.response()
  }
  expect(server.ran.filter(body => body.startsWith('gone')).length).toBeLessThan(10)
})

it('a request that waits and turns out to be broken is answered in its turn', async () => {
  await using server = await startServer()
  await using connection = await openRaw(server.url)
  connection.send(
    `${post('first')}POST / HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\nZZ\r\n`
  )
  await waitFor(() => server.begun.length === 1, { what: 'the first request' })
  server.begun[0]?.answer()
  expect((await connection.response()).text).toBe('first')
  expect((await connection.response()).status).toBe(400)
  await connection.closed
  expect(server.begun).toHaveLength(1)
})

it('a caller who takes nothing of its answer is cut, and told of', async () => {
  await using server = await startServer()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.pause()
  socket.write(post('', '/30000000'))
  await waitFor(() => server.begun.length === 1, { what: 'the request' })
  server.begun[0]?.answer()
  await waitFor(() => server.lost.includes('unread'), { what: 'the cut' })
  socket.resume()
  await once(socket, 'close')
})

it('a caller who reads slowly, but reads, gets all of it', async () => {
  // Longer than a busy machine may hold this process up, and shorter than the reading takes.
  await using server = await startServer({ answerMs: 1_000 })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(post('', '/30000000'))
  await waitFor(() => server.begun.length === 1, { what: 'the request' })
  let read = 0
  socket.on('data', some => {
    read += some.length
    socket.pause()
    setTimeout(() => socket.resume(), 1)
  })
  server.begun[0]?.answer()
  await waitFor(() => read > 30_000_000, { what: 'the whole answer' })
  expect(server.lost).toEqual([])
})
