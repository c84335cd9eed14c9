import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { BodyMemory, BodyShare } from '../../src/event/body-memory.ts'
import { textAnswer, writeAnswer } from '../../src/http/answer.ts'
import { listen, type NodeBindings } from '../../src/http/listen.ts'
import { alreadyAnswered } from '../../src/http/route-request.ts'
import { rawRequest } from '../helpers/raw-client.ts'
import { aRequest } from './malformed.ts'

const slowness = { headersMs: 300, bodyMs: 900, bytesPerSecond: 1024, answerMs: 900, pressedMs: 900, checkMs: 100 }
const dripEveryMs = 50

/** A server as the gateway's, but with less patience; it answers with the body that it read. */
async function startServer() {
  const app = new Hono<NodeBindings>()
  app.post('*', async ({ env: { incoming, outgoing } }) => {
    const body = await incoming.body(1024, new BodyShare(new BodyMemory(Infinity)))
    if (body !== undefined) writeAnswer(outgoing, textAnswer(200, Buffer.from(body).toString()))
    return alreadyAnswered
  })
  return listen(app, { host: '127.0.0.1', port: 0, graceMs: 100, slowness })
}

interface SlowClient {
  /** All that the server said before it closed. */
  readonly answer: Promise<string>
}

/** Sends the start, and then an octet now and then until the server closes the connection. */
async function startSlowClient(url: string, start: string, octet: string): Promise<SlowClient> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(start)
  const drip = setInterval(() => socket.writable && socket.write(octet), dripEveryMs)
  socket.on('error', () => socket.destroy()).on('close', () => clearInterval(drip))
  return { answer: readAll(socket) }
}

function readAll(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    socket.setEncoding('latin1').on('data', (some: string) => (text += some))
    socket.on('close', () => resolve(text))
  })
}

describe('a slow client', () => {
  const dribbles = [
    { what: 'headers', start: 'POST / HTTP/1.1\r\nhost: gateway.test\r\nx-slow: ', octet: 'a' },
    { what: 'a body', start: 'POST / HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: 1000\r\n\r\n', octet: 'a' },
    {
      what: 'chunks',
      start: 'POST / HTTP/1.1\r\nhost: gateway.test\r\ntransfer-encoding: chunked\r\n\r\n',
      octet: '1\r\na\r\n'
    },
    { what: 'the request line', start: 'POST /', octet: 'a' }
  ]

  it.each(dribbles)('that dribbles $what is told 408 and cut off', async ({ start, octet }) => {
    await using server = await startServer()
    const client = await startSlowClient(server.url, start, octet)
    const answer = await client.answer
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('"code":"REQUEST_TIMEOUT"')
  })

  it('that lies about the length of its body is told 408 and cut off', async () => {
    await using server = await startServer()
    const given = await rawRequest(server.url, aRequest({ headers: ['content-length: 10'], body: 'short' }))
    expect(given).toMatchObject({ status: 408, closed: true })
    expect(given.headers['content-type']).toBe('application/problem+json')
  })

  it('delays nobody, not even with 199 others', async () => {
    await using server = await startServer()
    const slow = await Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        const { start, octet } = dribbles[i % dribbles.length] ?? { start: '', octet: '' }
        return startSlowClient(server.url, start, octet)
      })
    )
    const state = { cut: false }
    const answers = Promise.all(slow.map(client => client.answer)).finally(() => (state.cut = true))
    let served = 0
    while (!state.cut) {
      const response = await fetch(server.url, { method: 'POST', body: 'honest', signal: AbortSignal.timeout(5000) })
      expect([response.status, await response.text()]).toEqual([200, 'honest'])
      served++
    }
    expect(served).toBeGreaterThan(5)
    for (const answer of await answers) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })
})
