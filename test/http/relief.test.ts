import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { BodyMemory, BodyShare } from '../../src/event/body-memory.ts'
import { textAnswer, writeAnswer } from '../../src/http/answer.ts'
import type { ConnectionLoss } from '../../src/http/connections.ts'
import { listen, type NodeBindings } from '../../src/http/listen.ts'
import { refusalAnswer } from '../../src/http/refusal-answer.ts'
import { answeredLater } from '../../src/http/route-request.ts'
import { usualSlowness, type SlownessLimits } from '../../src/http/slowness.ts'
import { toSluiceError } from '../../src/errors.ts'
import { openRaw, rawRequest } from '../helpers/raw-client.ts'
import { waitFor } from '../helpers/wait-for.ts'

const pressedMs = 200
const megabyte = 1_000_000
/** More than the buffers of the system take between two ends of a connection of this machine. */
const large = 20 * megabyte

/** A server that answers with as many octets as the path says, and whose bodies share so much memory. */
async function startServer(limit: number, limits: Partial<SlownessLimits> = {}) {
  const slowness = { ...usualSlowness, pressedMs, checkMs: 50, ...limits }
  const memory = new BodyMemory(limit)
  const lost: ConnectionLoss[] = []
  const app = new Hono<NodeBindings>()
  app.all('*', c => {
    const { incoming, outgoing } = c.env
    const held = new BodyShare(memory)
    incoming.share = held
    outgoing.once('close', () => held.release())
    incoming.body(large, held).then(
      body => {
        if (body === undefined) return held.release()
        const octets = Number(c.req.path.slice(1))
        held.set(Math.max(octets, body.length))
        writeAnswer(outgoing, textAnswer(200, 'x'.repeat(octets)))
      },
      (thrown: unknown) => writeAnswer(outgoing, refusalAnswer(toSluiceError(thrown)))
    )
    return answeredLater
  })
  const told = (loss: ConnectionLoss) => lost.push(loss)
  const server = await listen(app, { host: '127.0.0.1', port: 0, graceMs: 100, slowness, memory, lost: told })
  return { url: server.url, memory, lost, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const post = (path: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${body.length}\r\n\r\n${body}`

/** Asks, and reads nothing of the answer. */
async function askUnread(url: string, ...requests: readonly string[]) {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy()).pause()
  socket.write(requests.join(''))
  return { isCut: () => socket.destroyed, read: () => socket.resume(), [Symbol.dispose]: () => socket.destroy() }
}

const statusOf = async (url: string): Promise<number> => (await rawRequest(url, post('/0', 'x'.repeat(1000)))).status

it('answers that nobody reads are cut as soon as somebody needs their memory, the oldest first and no more than that', async () => {
  await using server = await startServer(3 * large)
  using first = await askUnread(server.url, post(`/${large}`))
  await waitFor(() => server.memory.used === large, { what: 'the first answer' })
  // On a busy machine the system takes octets of both for a while: the first one is older by what counts as long.
  await delay(pressedMs)
  using second = await askUnread(server.url, post(`/${2 * large}`))
  await waitFor(() => server.memory.used === 3 * large, { what: 'the second answer' })
  await waitFor(async () => (await statusOf(server.url)) === 200, { what: 'room for another one' })
  expect(server.lost).toEqual(['unread'])
  expect(server.memory.used).toBe(2 * large)
  first.read()
  await waitFor(first.isCut, { what: 'the end of the first connection' })
  expect(second.isCut()).toBe(false)
})

it('an answer that was read a moment ago is not cut, nor a body of which something came, whoever needs the memory', async () => {
  await using server = await startServer(large, { pressedMs: 60_000 })
  using unread = await askUnread(server.url, post(`/${large}`))
  await waitFor(() => server.memory.used === large, { what: 'the answer' })
  expect(await statusOf(server.url)).toBe(503)
  expect(unread.isCut()).toBe(false)
  expect(server.lost).toEqual([])
})

it('nobody is cut while there is room', async () => {
  await using server = await startServer(2 * large)
  using unread = await askUnread(server.url, post(`/${large}`))
  await waitFor(() => server.memory.used === large, { what: 'the answer' })
  const since = performance.now()
  while (performance.now() - since < 2 * pressedMs) expect(await statusOf(server.url)).toBe(200)
  expect(unread.isCut()).toBe(false)
  expect(server.lost).toEqual([])
})

it('a body that takes long to come is refused when somebody needs its memory', async () => {
  await using server = await startServer(megabyte)
  await using slow = await openRaw(server.url)
  slow.send(`POST /0 HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${megabyte}\r\n\r\n${'x'.repeat(megabyte - 1)}`)
  await waitFor(() => server.memory.used === megabyte - 1, { what: 'most of a body' })
  await waitFor(async () => (await statusOf(server.url)) === 200, { what: 'room for another one' })
  expect((await slow.response()).status).toBe(503)
  expect(server.memory.used).toBe(0)
})

it('bodies count while their requests wait for their turn, once only, until they are run or their connection is gone', async () => {
  await using server = await startServer(3 * large)
  const requests = [post(`/${large}`), post('/0', 'x'.repeat(1000)), post('/0', 'x'.repeat(500))]
  using read = await askUnread(server.url, ...requests)
  using gone = await askUnread(server.url, ...requests)
  await waitFor(() => server.memory.used === 2 * (large + 1500), { what: 'bodies that wait' })
  gone[Symbol.dispose]()
  await waitFor(() => server.memory.used === large + 1500, { what: 'one connection alone' })
  read.read()
  await waitFor(() => server.memory.used === 0, { what: 'the end' })
})
