import { describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../../src/config.ts'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { rawRequest } from '../helpers/raw-client.ts'

type Headers = Readonly<Record<string, string>>

const startGateway = (config: Partial<GatewayConfig> = {}) => startEchoGateway({ config })

/** The answer to a browser, or to somebody else; `host` is the name that it has for the gateway. */
async function ask(url: string, { host = 'localhost', ...headers }: Headers, line = 'POST /default/test HTTP/1.1') {
  const lines = Object.entries({ host, 'content-length': '2', ...headers }).map(([name, value]) => `${name}: ${value}`)
  const { status, headers: answered, body } = await rawRequest(url, `${line}\r\n${lines.join('\r\n')}\r\n\r\n{}`)
  return { status, header: (name: string) => answered[name], body: body.toString() }
}

describe('without a token on loopback', () => {
  it.each<Headers>([
    { origin: 'https://evil.example' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'http://127.evil.example' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:3000', host: 'evil.example' },
    { origin: 'http://evil.example:8080', host: 'evil.example:8080' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin', host: 'evil.example' },
    { 'sec-fetch-site': 'none', host: 'evil.example' }
  ])('a page of another site reaches nothing: %j', async headers => {
    await using echo = await startGateway()
    const { status, body, header } = await ask(echo.gateway.url, headers)
    expect([status, JSON.parse(body)]).toMatchObject([403, { code: 'FORBIDDEN', pipeline: 'default/test' }])
    expect(header('access-control-allow-origin')).toBeUndefined()
    const read = await ask(echo.gateway.url, headers, 'GET /default/test/requests/some-id/reply HTTP/1.1')
    expect(read.status).toBe(403)
    expect(echo.step.requests).toHaveLength(0)
  })

  it.each<Headers>([
    { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://[::1]', host: '127.0.0.1:8080' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin', host: '[::1]:8080' }
  ])('a page of this machine is served: %j', async headers => {
    await using echo = await startGateway()
    expect((await ask(echo.gateway.url, headers)).status).toBe(200)
  })

  it.each<Headers>([{ host: 'gateway.example' }, { host: 'evil.example', 'user-agent': 'curl/8' }])(
    'who is not a browser may use any name: %j',
    async headers => {
      await using echo = await startGateway()
      expect((await ask(echo.gateway.url, headers)).status).toBe(200)
    }
  )

  it('the handshake of a webhook is answered', async () => {
    await using echo = await startGateway()
    const headers = { host: 'gateway.example', 'webhook-request-origin': 'events.example' }
    const { status, header } = await ask(echo.gateway.url, headers, 'OPTIONS /default/test HTTP/1.1')
    expect([status, header('webhook-allowed-origin'), header('allow')]).toEqual([
      200,
      'events.example',
      'POST, OPTIONS'
    ])
  })
})

describe('a listed origin', () => {
  const allowOrigin = ['https://app.example']
  const origin = 'https://app.example'
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, ce-id' }
  const preflight = 'OPTIONS /default/test HTTP/1.1'

  it('is served by any name, and may read the answer', async () => {
    await using echo = await startGateway({ allowOrigin })
    const { status, header } = await ask(echo.gateway.url, { origin, host: 'gateway.example' })
    expect([status, header('access-control-allow-origin'), header('vary')]).toEqual([200, origin, 'origin'])
    expect(header('access-control-expose-headers')).toBe('*')
    const refused = await ask(echo.gateway.url, { origin }, 'POST /default/none HTTP/1.1')
    expect([refused.status, refused.header('access-control-allow-origin')]).toEqual([404, origin])
  })

  it('gets its preflight answered, before any token is asked for', async () => {
    await using echo = await startGateway({ allowOrigin, authToken: 's3cret' })
    const { status, header } = await ask(echo.gateway.url, { origin, ...asked }, preflight)
    expect([status, header('access-control-allow-origin')]).toEqual([204, origin])
    expect(header('access-control-allow-methods')).toBe('GET, POST, DELETE, OPTIONS')
    expect(header('access-control-allow-headers')).toBe('authorization, ce-id')
    const status401 = await ask(echo.gateway.url, { origin })
    expect([status401.status, status401.header('access-control-allow-origin')]).toEqual([401, origin])
  })

  it('leaves the others out', async () => {
    await using echo = await startGateway({ allowOrigin })
    const other = await ask(echo.gateway.url, { origin: 'https://app.example.evil.example', ...asked }, preflight)
    expect([other.status, other.header('access-control-allow-origin')]).toEqual([403, undefined])
    const local = await ask(echo.gateway.url, { origin: 'http://localhost:3000', ...asked }, preflight)
    expect([local.status, local.header('access-control-allow-origin')]).toEqual([200, undefined])
  })

  it('is any, where * is listed', async () => {
    await using echo = await startGateway({ allowOrigin: ['*'] })
    const { status, header } = await ask(echo.gateway.url, { origin: 'https://any.example', host: 'gateway.example' })
    expect([status, header('access-control-allow-origin')]).toEqual([200, 'https://any.example'])
  })
})

it('a gateway with a token leaves it to the token', async () => {
  await using echo = await startGateway({ authToken: 's3cret' })
  const headers = { origin: 'https://evil.example', host: 'gateway.example' }
  expect((await ask(echo.gateway.url, headers)).status).toBe(401)
  expect((await ask(echo.gateway.url, { ...headers, authorization: 'Bearer s3cret' })).status).toBe(200)
})

it('a gateway that others reach is open to browsers too', async () => {
  await using echo = await startGateway({ host: '0.0.0.0' })
  const url = echo.gateway.url.replace('0.0.0.0', '127.0.0.1')
  expect((await ask(url, { origin: 'https://app.example', host: 'gateway.example' })).status).toBe(200)
})
