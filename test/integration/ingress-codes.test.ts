import { describe, expect, it } from 'vitest'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'

const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as Record<string, unknown>
  expect(problem).toMatchObject({
    status: response.status,
    type: expect.stringMatching(/^https:\/\//),
    title: expect.any(String),
    detail: expect.any(String),
    instance: new URL(response.url).pathname
  })
  expect(response.headers.get('sluice-request-id')).toBe(problem.requestId)
  expect(response.headers.get('server-timing')).toMatch(/gateway;dur=[\d.]+$/)
  return problem
}

describe('400', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(event).filter(([header]) => header !== name))

  it.each([
    ['id', without('ce-id')],
    ['id', { ...event, 'ce-id': '' }],
    ['source', without('ce-source')],
    ['source', { ...event, 'ce-source': '' }],
    ['source', { ...event, 'ce-source': 'a b' }],
    ['type', without('ce-type')],
    ['type', { ...event, 'ce-type': '' }],
    ['specversion', { ...event, 'ce-specversion': '9.9' }],
    ['specversion', { ...event, 'ce-specversion': '' }],
    ['time', { ...event, 'ce-time': 'yesterday' }],
    ['time', { ...event, 'ce-time': '2026-13-01T00:00:00Z' }],
    ['subject', { ...event, 'ce-subject': 'a%0d%0ab' }],
    ['subject', { ...event, 'ce-subject': 'a%0Ab' }],
    ['subject', { ...event, 'ce-subject': 'a%C3%28' }],
    ['subject', { ...event, 'ce-subject': '%ED%A0%80' }],
    ['my-ext', { ...event, 'ce-my-ext': '1' }]
  ])('names the attribute %s: %j', async (name, headers) => {
    await using echo = await startEchoGateway()
    const response = await echo.gateway.post('{}', { headers })
    expect(response.status).toBe(400)
    expect(await problemOf(response)).toMatchObject({
      code: 'INVALID_EVENT',
      pipeline: 'default/test',
      detail: expect.stringContaining(`"${name}"`)
    })
    expect(echo.step.requests).toHaveLength(0)
  })

  it('is for a ce- header given twice', async () => {
    await using echo = await startEchoGateway()
    const { status, text } = await echo.raw(
      'ce-specversion: 1.0\r\nce-id: 1\r\nce-id: 2\r\nce-source: /\r\nce-type: t\r\nContent-Length: 0'
    )
    expect(status).toBe(400)
    expect(text).toContain('INVALID_EVENT')
  })

  it('is for a structured event that is not JSON', async () => {
    await using echo = await startEchoGateway()
    const response = await echo.gateway.post('{"id":', { headers: { 'content-type': 'application/cloudevents+json' } })
    expect(await problemOf(response)).toMatchObject({ code: 'INVALID_EVENT', status: 400 })
  })

  it('is for JSON that is nested too deep', async () => {
    await using echo = await startEchoGateway()
    const response = await echo.gateway.post('['.repeat(200_000) + ']'.repeat(200_000))
    expect(await problemOf(response)).toMatchObject({ code: 'INVALID_REQUEST', status: 400 })
  })
})

describe('401', () => {
  it('is for a wrong token and for none', async () => {
    await using echo = await startEchoGateway({ config: { authToken: 's3cret' } })
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 's3cret' }] as Record<
      string,
      string
    >[]) {
      const response = await echo.gateway.post('{}', { headers })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(await problemOf(response)).toMatchObject({ code: 'UNAUTHENTICATED' })
    }
    const response = await echo.gateway.post('{}', { headers: { authorization: 'Bearer s3cret' } })
    expect(response.status).toBe(200)
    expect(echo.step.requests[0]?.headers).not.toHaveProperty('authorization')
  })
})

describe('404 and 405', () => {
  it('are for what is not there and what cannot be done', async () => {
    await using echo = await startEchoGateway()
    const ask = (path: string, method = 'POST') => fetch(echo.gateway.url + path, { method })
    expect(await problemOf(await ask('/default/none'))).toMatchObject({ code: 'PIPELINE_NOT_FOUND', status: 404 })
    expect(await problemOf(await ask('/'))).toMatchObject({ code: 'PIPELINE_NOT_FOUND', status: 404 })
    expect(await problemOf(await ask('/default/test/requests/none', 'GET'))).toMatchObject({
      code: 'REQUEST_NOT_FOUND',
      status: 404
    })
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const response = await ask('/default/test', method)
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
      expect(await problemOf(response)).toMatchObject({ code: 'METHOD_NOT_ALLOWED', status: 405 })
    }
    expect((await ask('/default/test', 'HEAD')).status).toBe(405)
    expect((await ask('/default/none', 'OPTIONS')).status).toBe(404)
  })
})

describe('413', () => {
  it('is for a body over the limit, with and without Content-Length', async () => {
    await using echo = await startEchoGateway({ spec: { limits: { maxBodyBytes: 1000 } } })
    const body = 'x'.repeat(1001)
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    for (const answer of [
      await echo.raw('Content-Length: 1001', body),
      await echo.raw('Transfer-Encoding: chunked', chunk)
    ]) {
      expect(answer.status).toBe(413)
      expect(answer.text).toContain('BODY_TOO_LARGE')
    }
    expect((await echo.gateway.post('x'.repeat(1000))).status).toBe(200)
  })

  it('reaches a client that is still sending', async () => {
    await using echo = await startEchoGateway({ spec: { limits: { maxBodyBytes: 1000 } } })
    const response = await echo.gateway.post('x'.repeat(4_000_000))
    expect(await problemOf(response)).toMatchObject({ code: 'BODY_TOO_LARGE', status: 413, pipeline: 'default/test' })
    expect(echo.step.requests).toHaveLength(0)
  })
})

describe('415', () => {
  it.each([
    [{ 'content-encoding': 'gzip' }],
    [{ 'content-encoding': 'gzip', prefer: 'respond-async' }],
    [{ 'content-encoding': 'gzip', 'idempotency-key': 'a' }],
    [{ 'content-type': 'application/cloudevents+avro' }],
    [{ 'content-type': 'application/cloudevents+xml' }],
    [{ 'content-type': 'application/cloudevents+json; charset=latin1' }],
    [{ 'content-type': 'nonsense' }]
  ])('is for %j', async headers => {
    await using echo = await startEchoGateway()
    expect(await problemOf(await echo.gateway.post('{}', { headers }))).toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      status: 415
    })
  })
})

describe('431', () => {
  it.each([
    ['over 16 KiB', `x-big: ${'x'.repeat(20_000)}`],
    ['beyond 256', Array.from({ length: 300 }, (_, i) => `ce-x${i}: a`).join('\r\n')]
  ])('is for headers %s', async (_name, head) => {
    await using echo = await startEchoGateway()
    const { status, text } = await echo.raw(`${head}\r\nContent-Length: 0`)
    expect(status).toBe(431)
    expect(text).toContain('HEADERS_TOO_LARGE')
    expect(echo.step.requests).toHaveLength(0)
  })
})

describe('503', () => {
  it('is for a ref that nothing resolves, by name', async () => {
    await using gateway = await startTestGateway({
      steps: [{ ref: { apiVersion: 'v1', kind: 'Service', name: 'model' } }]
    })
    const response = await gateway.post()
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await problemOf(response)).toMatchObject({
      code: 'PIPELINE_NOT_READY',
      status: 503,
      detail: expect.stringContaining('Service/default/model')
    })
  })

  it('is for more requests at once than the pipeline takes, and only for those', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'ok' }
    })
    await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxConcurrent: 2 } } })
    const begun = [gateway.post(), gateway.post()]
    await step.waitForRequests(2)
    const refused = await gateway.post()
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await problemOf(refused)).toMatchObject({ code: 'OVERLOADED', status: 503 })
    gate.open()
    expect((await Promise.all(begun)).map(({ status }) => status)).toEqual([200, 200])
    expect((await gateway.post()).status).toBe(200)
  })
})

describe('OPTIONS', () => {
  it('is the CloudEvents webhook handshake', async () => {
    await using echo = await startEchoGateway()
    const response = await fetch(`${echo.gateway.url}/default/test`, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'shop.example', 'webhook-request-rate': '120' }
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    expect(response.headers.get('webhook-allowed-origin')).toBe('shop.example')
    expect(response.headers.get('webhook-allowed-rate')).toBe('*')
  })
})
