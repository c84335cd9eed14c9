import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../helpers/gateway.ts'
import { createGate, whenOpened } from '../helpers/gate.ts'
import { openRaw, rawRequest } from '../helpers/raw-client.ts'
import { startStep } from '../helpers/step-server.ts'
import { waitFor } from '../helpers/wait-for.ts'

describe('the admin plane', () => {
  it('tells whether it lives and is ready, and counts', async () => {
    await using step = await startStep({ body: 'ok' })
    await using gateway = await startTestGateway({ steps: [step.url] })
    await gateway.post()
    const get = async (path: string) => (await fetch(gateway.adminUrl + path)).text()
    expect(await get('/livez')).toBe('ok\n')
    expect(await get('/readyz')).toBe('ok\n')
    expect(await get('/readyz?verbose')).toContain('[+] serving ok')
    const metrics = await get('/metrics')
    for (const line of [
      'sluice_requests_total{pipeline="default/test",mode="sync",outcome="replied"} 1',
      'sluice_request_duration_seconds_count{pipeline="default/test",mode="sync",outcome="replied"} 1',
      'sluice_step_duration_seconds_count{pipeline="default/test",step="step-1",outcome="replied"} 1',
      'sluice_step_attempts_total{pipeline="default/test",step="step-1"} 1',
      'sluice_overhead_seconds_count{pipeline="default/test"} 1',
      'sluice_inflight{pipeline="default/test"} 0',
      `sluice_breaker_state{destination="${step.url}/"} 0`,
      `sluice_retry_budget_ratio{origin="${step.url}"} 1`
    ]) {
      expect(metrics).toContain(`${line}\n`)
    }
  })

  it('answers to localhost only, whatever name leads there', async () => {
    await using gateway = await startTestGateway({ steps: ['http://127.0.0.1:9'] })
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(`${gateway.adminUrl}/livez`, { headers: { host } }, response => resolve(response.resume().statusCode))
          .on('error', reject)
          .end()
      })
    for (const host of ['evil.example', '127.evil.example', '127.0.0.1.evil.example:9090', 'localhost.evil.example']) {
      expect([host, await statusFor(host)]).toEqual([host, 403])
    }
    for (const host of ['localhost:9090', 'LOCALHOST', '127.0.0.1', '127.9.9.9:1', '[::1]:9090']) {
      expect([host, await statusFor(host)]).toEqual([host, 200])
    }
  })

  it('checks the name on every loopback address that it is bound to', async () => {
    await using gateway = await startTestGateway({ steps: ['http://127.0.0.1:9'], config: { adminHost: '127.1' } })
    const answer = await rawRequest(gateway.adminUrl, 'GET /livez HTTP/1.1\r\nhost: evil.example\r\n\r\n')
    expect(answer.status).toBe(403)
  })

  it('serves a probe of HTTP/1.0, which names no host', async () => {
    await using gateway = await startTestGateway({ steps: ['http://127.0.0.1:9'] })
    const answer = await rawRequest(gateway.adminUrl, 'GET /livez HTTP/1.0\r\n\r\n')
    expect([answer.status, answer.body.toString()]).toEqual([200, 'ok\n'])
  })

  it('asks for its token, but for the probes', async () => {
    await using gateway = await startTestGateway({ steps: ['http://127.0.0.1:9'], config: { adminToken: 's3cret' } })
    const statusOf = async (path: string, headers = {}) => (await fetch(gateway.adminUrl + path, { headers })).status
    expect(await statusOf('/metrics')).toBe(401)
    expect(await statusOf('/metrics', { authorization: 'Bearer s3cret' })).toBe(200)
    expect(await statusOf('/readyz')).toBe(200)
  })
})

describe('shutting down', () => {
  it('lets what is in flight finish, closes its connection, and begins nothing new', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'ok' }))
    await using gateway = await startTestGateway({ steps: [step.url] })
    const begun = gateway.post()
    await step.waitForRequests(1)
    const closed = gateway[Symbol.asyncDispose]()
    await waitFor(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 503, { what: 'readyz to say 503' })
    await waitFor(
      () =>
        gateway.post().then(
          () => false,
          () => true
        ),
      { what: 'new connections to be refused' }
    )
    gate.open()
    const response = await begun
    expect(response.status).toBe(200)
    expect(response.headers.get('connection')).toBe('close')
    await closed
    expect(step.requests).toHaveLength(1)
  })

  it('answers a request that comes over an open connection, and closes it', async () => {
    const gate = createGate()
    await using step = await startStep(whenOpened(gate, { body: 'ok' }))
    await using gateway = await startTestGateway({ steps: [step.url] })
    const begun = gateway.post()
    await using connection = await openRaw(gateway.url)
    connection.send('POST /default/test HTTP/1.1\r\nHost: x\r\n')
    await step.waitForRequests(1)
    const closed = gateway[Symbol.asyncDispose]()
    await waitFor(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 503, { what: 'readyz to say 503' })
    connection.send('Content-Length: 0\r\n\r\n')
    const { status, text, headers } = await connection.response()
    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ code: 'SHUTTING_DOWN', status: 503 })
    expect(headers).toMatchObject({ 'retry-after': '1', connection: 'close' })
    await connection.closed
    gate.open()
    expect((await begun).status).toBe(200)
    await closed
  })

  it('cuts what does not finish within the grace, and can be asked for twice', async () => {
    await using step = await startStep(() => new Promise(() => {}))
    await using gateway = await startTestGateway({ steps: [step.url], config: { shutdownGraceMs: 200 } })
    const begun = gateway.post().then(
      ({ status }) => status,
      () => 'cut'
    )
    const [request] = await step.waitForRequests(1)
    await Promise.all([gateway[Symbol.asyncDispose](), gateway[Symbol.asyncDispose]()])
    expect(await begun).toBe('cut')
    await waitFor(() => request?.signal.aborted, { what: 'the call of the step to be aborted' })
  })
})
