import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { textAnswer, writeAnswer } from '../../src/http/answer.ts'
import type { ConnectionLoss } from '../../src/http/connections.ts'
import { listen, type NodeBindings } from '../../src/http/listen.ts'
import { alreadyAnswered, answeredLater } from '../../src/http/route-request.ts'
import { openRaw, type RawConnection } from '../helpers/raw-client.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A server that takes three connections, and whose path /never is never answered. */
async function startServer() {
  const lost: ConnectionLoss[] = []
  const app = new Hono<NodeBindings>()
  const never = { begun: 0 }
  app.all('/never', () => {
    never.begun++
    return answeredLater
  })
  app.notFound(c => {
    writeAnswer(c.env.outgoing, textAnswer(200, 'served'))
    return alreadyAnswered
  })
  const tell = (loss: ConnectionLoss): void => void lost.push(loss)
  const server = await listen(app, { host: '127.0.0.1', port: 0, graceMs: 10, maxConnections: 3, lost: tell })
  return { url: server.url, lost, never, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a.test\r\n\r\n`

async function served(connection: RawConnection): Promise<string> {
  connection.send(get('/'))
  return (await connection.response()).text
}

it('the connection that was idle for the longest time makes room for one too many', async () => {
  await using server = await startServer()
  await using first = await openRaw(server.url)
  await using second = await openRaw(server.url)
  await using third = await openRaw(server.url)
  for (const one of [first, second, third]) await served(one)
  first.send(get('/never'))
  await waitFor(() => server.never.begun === 1, { what: 'a busy connection' })
  await using fourth = await openRaw(server.url)
  await second.closed
  expect(await served(third)).toBe('served')
  expect(await served(fourth)).toBe('served')
  expect(server.lost).toEqual(['idle'])
})

it('one too many is told so when none is idle', async () => {
  await using server = await startServer()
  await using busy = new AsyncDisposableStack()
  for (let i = 0; i < 3; i++) busy.use(await openRaw(server.url)).send(get('/never'))
  await waitFor(() => server.never.begun === 3, { what: 'busy connections' })
  await using fourth = await openRaw(server.url)
  const { status, body, headers } = await fourth.response()
  expect([status, JSON.parse(body.toString())]).toMatchObject([503, { code: 'OVERLOADED' }])
  expect(headers['retry-after']).toBe('1')
  await fourth.closed
  expect(server.lost).toEqual(['refused'])
})
