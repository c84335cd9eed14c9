import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startEchoStep } from '../helpers/echo-step.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

describe('data', () => {
  it.each([
    ['random octets', 'application/octet-stream', randomBytes(5000)],
    ['many octets', 'application/octet-stream', randomBytes(900_000)],
    ['every octet', 'image/x-raw', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
    ['odd white space', 'application/json', Buffer.from('\t{ "a" :1 ,\r\n"b": [ ]}  \n')],
    ['an integer of 2^63', 'application/json', Buffer.from('{"n":9223372036854775808,"m":1e400}')],
    ['members given twice', 'application/json', Buffer.from('{"a":1,"a":2,"__proto__":{"x":1}}')],
    ['JSON that is none', 'application/json', Buffer.from('{"a":')]
  ])('reaches the last step and the caller unchanged: %s', async (_name, contentType, body) => {
    await using steps = new AsyncDisposableStack()
    const [first, second] = [steps.use(await startEchoStep()), steps.use(await startEchoStep())]
    await using gateway = await startTestGateway({ steps: [first.url, second.url] })
    const response = await gateway.post(body, { headers: { 'content-type': contentType } })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(body)
    expect(response.headers.get('content-type')).toBe(contentType)
    expect(second.requests[0]?.body).toEqual(body)
  })

  it('and time stamps reach a step in either mode to the character', async () => {
    const time = '2026-11-21T17:31:00.123456789+02:00'
    for (const format of ['binary', 'json']) {
      await using step = await startEchoStep()
      await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { format } }] })
      const headers = { 'ce-specversion': '1.0', 'ce-id': 'ä €', 'ce-source': '/s', 'ce-type': 't', 'ce-time': time }
      await gateway.post('{"n": 9223372036854775808}', { headers: { ...headers, 'ce-id': '%C3%A4%20%E2%82%AC' } })
      const [request] = step.requests
      if (format === 'binary') {
        expect(request?.headers).toMatchObject({ 'ce-time': time, 'ce-id': '%C3%A4%20%E2%82%AC' })
      } else {
        expect(request?.headers['content-type']).toMatch(/^application\/cloudevents\+json/)
        expect(request?.body.toString()).toContain('"data":{"n": 9223372036854775808}')
        expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ time, id: 'ä €' })
      }
    }
  })

  it('goes back as a structured event to who accepts only that', async () => {
    await using step = await startStep({
      headers: { 'content-type': 'application/json' },
      body: '{"n": 9223372036854775808}'
    })
    await using gateway = await startTestGateway({ steps: [step.url] })
    const response = await gateway.post('{}', { headers: { accept: 'application/cloudevents+json' } })
    expect(response.headers.get('content-type')).toMatch(/^application\/cloudevents\+json/)
    const text = await response.text()
    expect(text).toContain('"data":{"n": 9223372036854775808}')
    expect(JSON.parse(text)).toMatchObject({ specversion: '1.0', source: '/default/test/step-1' })
  })

  it('of CloudEvents 0.3 and of structured events is passed on', async () => {
    await using step = await startEchoStep()
    await using gateway = await startTestGateway({ steps: [step.url] })
    await gateway.post('{}', {
      headers: {
        'ce-specversion': '0.3',
        'ce-id': '1',
        'ce-source': '/s',
        'ce-type': 't',
        'ce-schemaurl': 'http://a/b'
      }
    })
    await gateway.post('{"specversion":"1.0","id":"2","source":"/s","type":"t","own":true,"data": [1 ]}', {
      headers: { 'content-type': 'Application/CloudEvents+JSON; charset=UTF-8' }
    })
    expect(step.requests[0]?.headers).toMatchObject({ 'ce-specversion': '0.3', 'ce-schemaurl': 'http://a/b' })
    expect(step.requests[1]?.headers).toMatchObject({
      'ce-id': '2',
      'ce-own': 'true',
      'content-type': 'application/json'
    })
    expect(step.requests[1]?.body.toString()).toBe('[1 ]')
  })
})
