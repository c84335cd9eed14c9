import { describe, expect, it } from 'vitest'
import { startEchoGateway } from '../helpers/echo-gateway.ts'

describe('every answer', () => {
  it('carries the request id, and the time in each step and in the gateway', async () => {
    await using echo = await startEchoGateway()
    const response = await echo.gateway.post()
    expect(response.headers.get('sluice-request-id')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    )
    expect(response.headers.get('server-timing')).toMatch(/^step-1;dur=[\d.]+, gateway;dur=[\d.]+$/)
  })

  it('carries them when the request is accepted, asked for, or waited for', async () => {
    await using echo = await startEchoGateway()
    const accepted = await echo.gateway.post('{}', { headers: { prefer: 'respond-async' } })
    const asked = await fetch(echo.gateway.url + accepted.headers.get('location'))
    const events = await fetch(`${echo.gateway.url}${accepted.headers.get('location')}/events`)
    const waited = await echo.gateway.post('{}', { headers: { 'idempotency-key': 'a' } })
    for (const { headers } of [accepted, asked, events, waited]) expect(headers.get('sluice-request-id')).toBeTruthy()
    for (const { headers } of [accepted, asked]) expect(headers.get('server-timing')).toMatch(/^gateway;dur=/)
    expect(waited.headers.get('server-timing')).toMatch(/^step-1;dur=[\d.]+, gateway;dur=[\d.]+$/)
  })

  it('carries the id of the stored request that it is about', async () => {
    await using echo = await startEchoGateway()
    const { gateway } = echo
    const call = (path: string, init: RequestInit = {}) => fetch(gateway.url + path, init)
    const key = { 'idempotency-key': 'a' }
    const first = await gateway.post('{}', { headers: key })
    const id = first.headers.get('sluice-request-id')
    const self = `/default/test/requests/${id}`
    const answers = [
      await gateway.post('{}', { headers: key }),
      await gateway.post('{}', { headers: { ...key, prefer: 'respond-async' } }),
      await gateway.post('{}', { headers: { ...key, accept: 'text/event-stream' } }),
      await call(self),
      await call(`${self}/reply`),
      await call(`${self}/events`),
      await call(`${self}/events`, { headers: { 'last-event-id': '1' } }),
      await call(self, { method: 'DELETE' })
    ]
    for (const { headers } of answers) expect(headers.get('sluice-request-id')).toBe(id)
    const other = await call('/default/test/requests/other')
    expect([other.status, await other.json()]).toMatchObject([
      404,
      { requestId: other.headers.get('sluice-request-id') }
    ])
  })

  it('carries the request id even when the request could not be read', async () => {
    await using echo = await startEchoGateway()
    for (const head of ['Content-Length: 0\r\nHost: y', `x: ${'x'.repeat(20_000)}`, 'a b: c']) {
      const { headers, text } = await echo.raw(head)
      expect(headers['sluice-request-id']).toBeTruthy()
      expect(JSON.parse(text)).toMatchObject({ requestId: headers['sluice-request-id'] })
    }
  })
})
