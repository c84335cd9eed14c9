import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { usualSlowness } from '../../src/http/slowness.ts'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { openRaw, rawRequest } from '../helpers/raw-client.ts'
import { startStep } from '../helpers/step-server.ts'

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const other = '00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('what honest callers send', () => {
  it('HTTP/1.0 without a host is served', async () => {
    await using echo = await startEchoGateway()
    const ask = (head: string, body = '') => rawRequest(echo.gateway.url, `${head}\r\n\r\n${body}`)
    expect((await ask('GET /v2/health/live HTTP/1.0')).status).toBe(200)
    const posted = await ask('POST /default/test HTTP/1.0\r\ncontent-type: text/plain\r\ncontent-length: 2', 'hi')
    expect([posted.status, posted.text]).toEqual([200, 'hi'])
    expect((await ask('GET /v2/health/live HTTP/1.1')).status).toBe(400)
  })

  it('an upload that takes longer than a pause may, and comes all the while, is served', async () => {
    const bodyMs = 2_000
    await using echo = await startEchoGateway({
      overrides: { clientLimits: { slowness: { ...usualSlowness, bodyMs } } }
    })
    await using connection = await openRaw(echo.gateway.url)
    const piece = 'x'.repeat(512)
    const pieces = (2.5 * bodyMs) / 100
    const head = `content-type: text/plain\r\ncontent-length: ${pieces * piece.length}`
    connection.send(`POST /default/test HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`)
    // As slow as it has to be: five KiB a second.
    for (let sent = 0; sent < pieces; sent++) {
      await delay(100)
      connection.send(piece)
    }
    const answer = await connection.response()
    expect([answer.status, answer.body.length]).toEqual([200, pieces * piece.length])
  })

  it.each([
    [
      'two traces, of which neither is followed',
      `traceparent: ${trace}\r\ntracestate: a=1\r\ntraceparent: ${other}`,
      {}
    ],
    ['the same name twice', 'x-request-id: mine\r\nx-request-id: mine', { 'x-request-id': 'mine' }],
    ['an empty content-encoding', 'content-encoding:', {}],
    ['identity twice in one', 'content-encoding: identity, identity', {}],
    ['identity twice', 'content-encoding: identity\r\ncontent-encoding: Identity', {}],
    ['two lines of cookies', 'cookie: a=1\r\ncookie: b=2', { cookie: 'a=1; b=2' }]
  ])('is served: %s', async (_name, lines, given) => {
    await using echo = await startEchoGateway({ spec: { headers: { propagate: ['cookie'] } } })
    const answer = await echo.raw(`content-type: text/plain\r\ncontent-length: 2\r\n${lines}`, 'hi')
    expect([answer.status, answer.text]).toEqual([200, 'hi'])
    const [request] = echo.step.requests
    expect(request?.headers).toMatchObject(given)
    expect(request?.headers).not.toHaveProperty('traceparent')
    expect(request?.headers).not.toHaveProperty('tracestate')
  })

  it('a base64 that is none is refused by its name', async () => {
    await using echo = await startEchoGateway()
    const event = { specversion: '1.0', id: '1', source: '/s', type: 't', data_base64: 'a' }
    const headers = { 'content-type': 'application/cloudevents+json' }
    const answer = await echo.gateway.post(JSON.stringify(event), { headers })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'INVALID_EVENT', detail: expect.stringContaining('"data_base64"') }
    ])
  })
})

it.each(['', 'identity, identity', 'Identity,'])(
  'a step whose answer has the content-encoding %j leaves it as it is',
  async encoding => {
    await using step = await startStep({
      headers: { 'content-encoding': encoding, 'content-type': 'text/plain' },
      body: 'hi'
    })
    await using gateway = await startTestGateway({ steps: [step.url] })
    const answer = await gateway.post()
    expect([answer.status, await answer.text()]).toEqual([200, 'hi'])
  }
)
