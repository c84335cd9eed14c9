import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startTestGateway, type PostInit } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }
const structured = 'application/cloudevents+json'

/** Answers the call that the step gets of one request, and the reply of its caller. */
async function pass(body: string | Uint8Array<ArrayBuffer>, init: PostInit = {}) {
  await using step = await startEchoStep()
  await using gateway = await startTestGateway({ steps: [step.url] })
  const response = await gateway.post(body, init)
  return { response, text: await response.text(), received: step.requests[0] }
}

describe('a plain request', () => {
  it('becomes an event that is named after the request and the pipeline', async () => {
    const { response, received } = await pass('hi', { headers: { 'content-type': 'text/plain; charset=latin1' } })
    const id = response.headers.get('sluice-request-id')
    expect(received?.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/default/test',
      'ce-type': 'dev.sluice.request',
      'content-type': 'text/plain; charset=latin1',
      'x-request-id': id
    })
    expect(Math.abs(Date.parse(String(received?.headers['ce-time'])) - Date.now())).toBeLessThan(60_000)
  })

  it('gets the data of the reply and its content type, with the ce- headers beside', async () => {
    const { response, text } = await pass('{"a":1}')
    expect(text).toBe('{"a":1}')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': `${response.headers.get('sluice-request-id')}.step-1`,
      'ce-source': '/default/test/step-1',
      'ce-type': 'dev.sluice.reply'
    })
  })

  it('without a body is an event without data', async () => {
    await using step = await startStep({ body: 'ok' })
    await using gateway = await startTestGateway({ steps: [step.url] })
    await fetch(`${gateway.url}/default/test`, { method: 'POST' })
    expect(step.requests[0]?.headers['content-length']).toBe('0')
    expect(step.requests[0]?.headers).not.toHaveProperty('content-type')
  })
})

describe('a CloudEvent', () => {
  it('in binary mode reaches the step with all its attributes, unknown ones too', async () => {
    const headers = { ...event, 'ce-subject': 'a%20b', 'ce-comexample2': 'kept', 'ce-partitionkey': 'k' }
    const { received } = await pass('{}', { headers })
    expect(received?.headers).toMatchObject({ ...event, 'ce-comexample2': 'kept', 'ce-partitionkey': 'k' })
    expect(decodeURIComponent(String(received?.headers['ce-subject']))).toBe('a b')
  })

  it('in structured mode reaches the step in binary mode, its data to the octet', async () => {
    const data = '{ "n":1.0,\n\t"big":9223372036854775808 }'
    const body = `{"ext":42,"data":${data},"type":"t","source":"/s","id":"é","specversion":"1.0"}`
    const { received } = await pass(body, { headers: { 'content-type': `${structured}; charset=utf-8` } })
    expect(received?.headers).toMatchObject({ 'ce-id': '%C3%A9', 'ce-ext': '42', 'content-type': 'application/json' })
    expect(received?.body.toString()).toBe(data)
  })

  it('carries octets as data_base64', async () => {
    const octets = Buffer.from([0, 255, 10, 13, 128])
    const body = { specversion: '1.0', id: '1', source: '/s', type: 't', data_base64: octets.toString('base64') }
    const { received } = await pass(JSON.stringify(body), { headers: { 'content-type': structured } })
    expect(received?.body).toEqual(octets)
  })

  it('gets its reply in binary mode, or structured when only that is accepted', async () => {
    const binary = await pass('{"a":1}', { headers: event })
    expect(binary.response.headers.get('ce-type')).toBe('dev.sluice.reply')
    expect(binary.text).toBe('{"a":1}')
    const asked = await pass('{"a":1}', { headers: { ...event, accept: `Application/CloudEvents+JSON` } })
    expect(asked.response.headers.get('content-type')).toMatch(/^application\/cloudevents\+json/)
    expect(JSON.parse(asked.text)).toMatchObject({ type: 'dev.sluice.reply', data: { a: 1 } })
    const refused = await pass('{"a":1}', { headers: { ...event, accept: `*/*, ${structured};q=0.0` } })
    expect(refused.text).toBe('{"a":1}')
  })

  it('whose data is an event itself goes on in structured mode, which alone can carry it', async () => {
    const inner = { specversion: '1.0', id: 'inner', source: '/in', type: 'in' }
    const outer = {
      specversion: '1.0',
      id: 'outer',
      source: '/out',
      type: 'out',
      datacontenttype: structured,
      data: inner
    }
    const { received, response } = await pass(JSON.stringify(outer), { headers: { 'content-type': structured } })
    expect(received?.headers['content-type']).toMatch(/^application\/cloudevents\+json/)
    expect(JSON.parse(String(received?.body))).toEqual(outer)
    expect(response.status).toBe(200)
  })

  it('is what the step replied with, when it replied with one', async () => {
    await using step = await startStep({ headers: { ...event, 'ce-id': 'own', 'ce-time': '2026-01-01T00:00:00.10Z' } })
    await using gateway = await startTestGateway({ steps: [step.url] })
    const { headers, status } = await gateway.post()
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({ 'ce-id': 'own', 'ce-time': '2026-01-01T00:00:00.10Z' })
  })
})
