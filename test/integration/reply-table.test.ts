import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway, type PostInit, type StepText } from '../helpers/gateway.ts'
import { startStep, type ScriptedAnswer } from '../helpers/step-server.ts'
import { startRawStep } from '../helpers/raw-step.ts'
import { bytesThenReset } from '../helpers/hostile-answers.ts'
import { freePort } from '../helpers/loopback.ts'

const structured = { 'content-type': 'application/cloudevents+json' }
const ceHeaders = { 'ce-specversion': '1.0', 'ce-id': 'r-1', 'ce-source': '/model', 'ce-type': 'scored' }

async function runOne(answer: ScriptedAnswer, options: Record<string, unknown> = {}, init: PostInit = {}) {
  await using step = await startStep(answer)
  await using last = await startStep(({ body, headers }) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ headers, body: body.toString() })
  }))
  const first: StepText = { name: 'first', uri: step.url, delivery: { retry: 2, ...atOnce }, ...options }
  await using gateway = await startTestGateway({ steps: [first, { name: 'last', uri: last.url }] })
  const response = await gateway.post('{"text":"hello"}', init)
  const text = await response.text()
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    json: text === '' ? undefined : JSON.parse(text),
    calls: step.requests.length,
    next: last.requests[0]
  }
}

describe('what a step answers', () => {
  it('202 is accepted without a reply, whatever its body', async () => {
    const { status, headers, next } = await runOne({ status: 202, headers: ceHeaders, body: '{"a":1}' })
    expect(status).toBe(204)
    expect(headers).toMatchObject({ 'sluice-outcome': 'filtered', 'sluice-step': 'first' })
    expect(next).toBeUndefined()
  })

  it('a binary CloudEvent goes on as it is', async () => {
    const { next } = await runOne({
      headers: { ...ceHeaders, 'content-type': 'text/x', 'ce-own': 'kept' },
      body: 'scored'
    })
    expect(next?.headers).toMatchObject({ ...ceHeaders, 'content-type': 'text/x', 'ce-own': 'kept' })
    expect(next?.body.toString()).toBe('scored')
  })

  it('a structured CloudEvent goes on as it is', async () => {
    const event = '{"specversion":"1.0","id":"s-1","source":"/m","type":"scored","data": {"n": 9223372036854775808} }'
    const { next } = await runOne({ headers: { 'content-type': 'application/cloudevents+json' }, body: event })
    expect(next?.headers).toMatchObject({ 'ce-id': 's-1', 'content-type': 'application/json' })
    expect(next?.body.toString()).toBe('{"n": 9223372036854775808}')
  })

  it('a CloudEvent without data is a reply all the same', async () => {
    const { next } = await runOne({ status: 200, headers: ceHeaders }, { onEmpty: 'fail' })
    expect(next?.headers).toMatchObject({ ...ceHeaders, 'content-length': '0' })
  })

  it('any other body becomes the data of a reply event, which carries on what describes the subject', async () => {
    const init = {
      headers: {
        ...ceHeaders,
        'ce-subject': 's',
        'ce-partitionkey': 'p',
        'ce-own': 'x',
        'ce-time': '2026-01-01T00:00:00Z',
        'ce-dataschema': 'http://a/b'
      }
    }
    const { next } = await runOne(
      { status: 201, headers: { 'content-type': 'text/plain; a=b' }, body: 'fine' },
      { replyType: 'com.model' },
      init
    )
    expect(next?.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': expect.stringMatching(/\.first$/) as string,
      'ce-causationid': 'r-1',
      'ce-source': '/default/test/first',
      'ce-type': 'com.model',
      'content-type': 'text/plain; a=b',
      'ce-subject': 's',
      'ce-partitionkey': 'p',
      'ce-own': 'x'
    })
    expect(next?.headers).not.toHaveProperty('ce-time')
    expect(next?.headers).not.toHaveProperty('ce-dataschema')
    expect(next?.body.toString()).toBe('fine')
  })

  it('a body without a content type stays without one', async () => {
    const { next } = await runOne({ body: 'octets' })
    expect(next?.headers['ce-type']).toBe('dev.sluice.reply')
    expect(next?.headers).not.toHaveProperty('content-type')
  })

  it.each([
    ['stop', 204, 200],
    ['pass', 200, 204],
    ['fail', 502, { headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' } }],
    ['stop', 204, { headers: structured }],
    ['stop', 204, { status: 201, headers: { 'content-type': 'application/cloudevents-batch+json' } }],
    ['stop', 204, { headers: { ...ceHeaders, ...structured } }],
    ['stop', 204, { status: 204, headers: structured }],
    ['stop', 204, { status: 204, headers: { ...ceHeaders, 'content-type': 'application/json' } }]
  ])('no body, with onEmpty: %s', async (onEmpty, expected, answer) => {
    const { status, json, next } = await runOne(answer, { onEmpty })
    expect(status).toBe(expected)
    if (onEmpty === 'pass') expect(next?.body.toString()).toBe('{"text":"hello"}')
    if (onEmpty === 'fail') expect(json).toMatchObject({ code: 'STEP_BAD_REPLY', step: 'first' })
  })

  it.each([
    ['a malformed CloudEvent', { headers: { ...ceHeaders, 'ce-time': 'now' }, body: '{}' }, {}],
    ['a CloudEvent without an id', { headers: { ...ceHeaders, 'ce-id': '' }, body: '{}' }, {}],
    ['a malformed structured CloudEvent', { headers: structured, body: '{"specversion":"1.0"}' }, {}],
    ['a structured CloudEvent that is not JSON', { headers: structured, body: '{' }, {}],
    ['no CloudEvent from a step declared to reply with one', { body: '{}' }, { reply: 'cloudevent' }],
    ['a batch', { headers: { 'content-type': 'application/cloudevents-batch+json' }, body: '[]' }, {}],
    ['an encoding that nobody asked for', { headers: { 'content-encoding': 'gzip' }, body: 'x' }, {}],
    ['more than the limit', { body: 'x'.repeat(1_048_577) }, {}]
  ])('%s is a bad reply, and not tried again', async (_name, answer, options) => {
    const { status, json, calls } = await runOne(answer, options)
    expect(status).toBe(502)
    expect(json).toMatchObject({ code: 'STEP_BAD_REPLY', pipeline: 'default/test', step: 'first', attempts: 1 })
    expect(calls).toBe(1)
  })

  it.each(['100 Continue', '102 Processing', '103 Early Hints'])(
    'an interim %s that nobody asked for is skipped, on each call of a connection',
    async interim => {
      const final = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok'
      await using step = await startRawStep(socket => {
        socket.write(`HTTP/1.1 ${interim}\r\n\r\nHTTP/1.1 ${interim}\r\nx-hint: a\r\n\r`)
        setImmediate(() => socket.write(`\n${final}`))
      })
      await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { retry: 0 } }] })
      for (let call = 0; call < 3; call++) {
        const response = await gateway.post()
        expect([response.status, await response.text()]).toEqual([200, 'ok'])
      }
      expect([step.requests.length, step.connections]).toEqual([3, 1])
    }
  )

  it.each([
    'video/webm;codecs=vp8,opus',
    'multipart/related; type=application/dicom; boundary=b',
    'application/soap+xml; charset=utf-8; action=urn:x',
    'text/plain;\ta=b',
    'text/plain;charset=utf-8;charset=utf-8;"'
  ])(
    'the media type %j goes on to the letter, of an event and of a plain answer, also to another gateway',
    async type => {
      await using inner = await startTestGateway({ steps: [{ transform: 'datacontenttype' }] })
      for (const headers of [{ 'content-type': type }, { ...ceHeaders, 'content-type': type }]) {
        await using step = await startStep({ headers, body: 'octets' })
        await using gateway = await startTestGateway({ steps: [step.url, `${inner.url}/default/test`] })
        expect(await (await gateway.post()).json()).toBe(type)
      }
    }
  )

  it('a label that is no media type is left off, as nobody would take an event that has it', async () => {
    const { status, next } = await runOne({ headers: { 'content-type': 'json' }, body: '{}' })
    expect([status, next?.body.toString(), next?.headers['content-type']]).toEqual([200, '{}', undefined])
  })

  it('white space around a header value is no part of it', async () => {
    const raw = ['ce-specversion: 1.0 ', 'ce-id:\t7 \t', 'ce-source:  /m ', 'ce-type: t', 'content-type: text/x ']
    await using step = await startRawStep(socket =>
      socket.write(
        `HTTP/1.1 200 OK\r\n${raw.join('\r\n')}\r\ncontent-encoding: identity \r\ncontent-length: 2\r\n\r\nok`
      )
    )
    await using gateway = await startTestGateway({ steps: [step.url] })
    const { headers } = await gateway.post()
    expect(Object.fromEntries(headers)).toMatchObject({ 'ce-id': '7', 'ce-source': '/m', 'content-type': 'text/x' })
  })

  it.each(['', 'identity', 'identity, Identity'])('the content-encoding %j is none', async encoding => {
    const { status, next } = await runOne({ headers: { 'content-encoding': encoding }, body: 'x' })
    expect([status, next?.body.toString()]).toEqual([200, 'x'])
  })

  it('ce- headers are data about nothing for a step declared json', async () => {
    const { next } = await runOne({ headers: { ...ceHeaders, 'ce-time': 'now' }, body: '{}' }, { reply: 'json' })
    expect(next?.headers['ce-type']).toBe('dev.sluice.reply')
  })

  it.each([404, 408, 409, 429, 500, 502, 503, 504, 599])('%i is tried again', async status => {
    const { json, calls, ...answer } = await runOne(status)
    expect(answer.status).toBe(502)
    expect(calls).toBe(3)
    expect(json).toMatchObject({ code: 'STEP_FAILED', upstreamStatus: status, attempts: 3, step: 'first' })
  })

  it.each([400, 413, 415, 422])(
    '%i rejects the input: the caller is told so, and nothing is tried again',
    async status => {
      const { json, calls, headers: _headers, ...answer } = await runOne(status)
      expect(answer.status).toBe(422)
      expect(calls).toBe(1)
      expect(json).toMatchObject({ code: 'STEP_REJECTED', status: 422, upstreamStatus: status, attempts: 1 })
    }
  )

  it.each([401, 403, 405, 410, 418, 301, 302, 307, 304])('%i is not tried again', async status => {
    const { json, calls, ...answer } = await runOne({ status, headers: { location: '/elsewhere' } })
    expect(answer.status).toBe(502)
    expect(calls).toBe(1)
    expect(json).toMatchObject({ code: 'STEP_FAILED', upstreamStatus: status, attempts: 1 })
  })

  it.each([
    ['101', 'Switching Protocols\r\nconnection: upgrade\r\nupgrade: x'],
    ['100', 'Continue'],
    ['103', 'Early Hints']
  ])('%s at the end is no answer, and not tried again', async (status, rest) => {
    await using step = await startRawStep(socket => socket.end(`HTTP/1.1 ${status} ${rest}\r\n\r\n`))
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { retry: 2, ...atOnce } }] })
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'STEP_BAD_REPLY', status: 502, attempts: 1 })
  })

  it('early hints are passed over', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
    await using step = await startRawStep(socket =>
      socket.write(`${hints}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`)
    )
    await using gateway = await startTestGateway({ steps: [step.url] })
    expect(await (await gateway.post()).text()).toBe('ok')
  })

  it('a refused connection, a reset and silence are tried again', async () => {
    const port = await freePort()
    await using reset = await startRawStep(bytesThenReset(''))
    await using silent = await startStep(() => new Promise(() => {}))
    for (const [uri, code] of [
      [`http://127.0.0.1:${port}`, 'STEP_UNREACHABLE'],
      [reset.url, 'STEP_UNREACHABLE'],
      [silent.url, 'STEP_TIMEOUT']
    ]) {
      await using gateway = await startTestGateway({
        steps: [{ uri, timeout: '100ms', delivery: { retry: 1, ...atOnce } }]
      })
      const response = await gateway.post()
      expect(await response.json()).toMatchObject({ code, attempts: 2, status: code === 'STEP_TIMEOUT' ? 504 : 502 })
    }
    expect(silent.requests).toHaveLength(2)
  })
})
