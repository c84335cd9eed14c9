import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { textAnswer, writeAnswer } from '../../src/http/answer.ts'
import { listen, type NodeBindings } from '../../src/http/listen.ts'
import { alreadyAnswered } from '../../src/http/route-request.ts'
import { openRaw, rawRequest } from '../helpers/raw-client.ts'

/** A server with a route that answers, one that forgets to, and one that fails. */
function startServer() {
  const app = new Hono<NodeBindings>()
  app.all('/answers/:name', c => {
    writeAnswer(c.env.outgoing, textAnswer(200, `${c.req.param('name')} ${c.req.header('x-one') ?? ''}`))
    return alreadyAnswered
  })
  app.all('/forgets', c => c.text('not written by us'))
  app.all('/fails', () => {
    throw new Error('a secret of the inside')
  })
  app.notFound(c => {
    writeAnswer(c.env.outgoing, textAnswer(404, 'nothing here'))
    return alreadyAnswered
  })
  return listen(app, { host: '127.0.0.1', port: 0, graceMs: 100 })
}

const get = (path: string, method = 'GET'): string => `${method} ${path} HTTP/1.1\r\nhost: a.test\r\nx-one: two\r\n\r\n`

describe('listen', () => {
  let told: MockInstance<typeof console.error>
  beforeEach(() => {
    told = vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => told.mockRestore())

  it('routes by path, with parameters and headers', async () => {
    await using server = await startServer()
    const { status, body } = await rawRequest(server.url, get('/answers/caf%C3%A9?x=1'))
    expect([status, body.toString()]).toEqual([200, 'café two'])
  })

  it.each(['/forgets', '/fails'])('answers a defect with a problem that tells nothing of it: %s', async path => {
    await using server = await startServer()
    const { status, body } = await rawRequest(server.url, get(path))
    expect([status, JSON.parse(body.toString())]).toMatchObject([500, { code: 'INTERNAL', status: 500 }])
    expect(body.toString()).not.toMatch(/secret|not written/)
  })

  it('tells of a defect, and serves on', async () => {
    await using server = await startServer()
    await rawRequest(server.url, get('/fails'))
    expect(String(told.mock.calls[0])).toMatch('a secret of the inside')
    expect((await rawRequest(server.url, get('/answers/me'))).status).toBe(200)
  })

  it('reads on what nobody wants for a while, and then ends the connection', async () => {
    await using server = await startServer()
    await using connection = await openRaw(server.url)
    connection.send('POST /nowhere HTTP/1.1\r\nhost: a.test\r\ncontent-length: 1000000000\r\n\r\n')
    expect((await connection.response()).status).toBe(404)
    const drip = setInterval(() => connection.send('more'), 10)
    await connection.closed
    clearInterval(drip)
  })

  it('keeps the connection of a body that came late, but came', async () => {
    await using server = await startServer()
    await using connection = await openRaw(server.url)
    connection.send('POST /nowhere HTTP/1.1\r\nhost: a.test\r\ncontent-length: 4\r\n\r\n')
    expect((await connection.response()).status).toBe(404)
    connection.send(`body${get('/answers/again')}`)
    expect((await connection.response()).text).toBe('again two')
  })
})
