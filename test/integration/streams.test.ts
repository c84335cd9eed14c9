import { once } from 'node:events'
import { EventSource } from 'eventsource'
import OpenAI, { APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startRawStep } from '../helpers/raw-step.ts'
import { openRaw, rawRequest } from '../helpers/raw-client.ts'
import { startStep } from '../helpers/step-server.ts'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { brokenOff, startStreamingStep } from '../helpers/streaming-step.ts'
import { waitFor } from '../helpers/wait-for.ts'

const followed = { headers: { accept: 'text/event-stream' } }
const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

/** One request as octets, so that its answer can be seen to the octet. */
const rawPost = (gateway: TestGateway, version = '1.1', more = ''): string =>
  `POST /default/test HTTP/${version}\r\nhost: ${new URL(gateway.url).host}\r\n${more}content-length: 2\r\n\r\n{}`

describe('the answer of a last step', () => {
  it.each([
    [
      'text/event-stream; charset=utf-8',
      ['data: {"token":"a"}\r\n\r\n', ': note\nevent: x\nda', 'ta: b\n\n'],
      undefined
    ],
    ['application/x-ndjson', ['{"n":1}\n', '{"n":', '2}\n'], undefined],
    ['Application/JSONL', ['{"n":1}\n', '{"n":2}\n'], undefined],
    ['text/plain', ['one', 'two'], 'always']
  ] as const)('goes to a waiting caller as it arrives, to the octet: %s', async (type, pieces, stream) => {
    await using model = await startStreamingStep(pieces, { 'content-type': type })
    await using gateway = await startTestGateway({ steps: [{ name: 'model', uri: model.step.url, stream }] })
    const posted = gateway.post()
    model.gates[0]?.open()
    const response = await posted
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('ce-type')).toBe('dev.sluice.reply')
    expect(response.headers.get('sluice-request-id')).toMatch(/^[-0-9a-f]{36}$/)
    expect(response.headers.get('server-timing')).toMatch(/^model;dur=[\d.]+, gateway;dur=[\d.]+$/)
    const streamed = readStreamedText(response)
    for (const i of pieces.keys()) {
      model.gates[i]?.open()
      const soFar = pieces.slice(0, i + 1).join('')
      expect(await streamed.until(soFar)).toBe(soFar)
    }
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
  })

  it.each([
    ['a type that does not stream', { 'content-type': 'text/plain' }, undefined, '1.1', ''],
    ['stream: never', { 'content-type': 'text/event-stream' }, 'never', '1.1', ''],
    ['a caller that speaks HTTP/1.0', { 'content-type': 'text/event-stream' }, undefined, '1.0', ''],
    [
      'a caller who wants a structured event',
      { 'content-type': 'text/event-stream' },
      undefined,
      '1.1',
      'accept: application/cloudevents+json\r\n'
    ]
  ])('is collected: %s', async (_what, headers, stream, version, more) => {
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'], headers)
    model.openAll()
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, stream }] })
    const response = await rawRequest(gateway.url, rawPost(gateway, version, more))
    expect(response.headers['content-length']).toBe(String(response.body.length))
    expect(response.text).toContain(more === '' ? 'data: a\n\ndata: b\n\n' : String.raw`data: a\n\ndata: b\n\n`)
  })

  it('is collected in the middle of a pipeline', async () => {
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
    model.openAll()
    await using last = await startStep(({ body }) => json({ got: body.toString() }))
    await using gateway = await startTestGateway({ steps: [model.step.url, last.url] })
    expect(await (await gateway.post()).json()).toEqual({ got: 'data: a\n\ndata: b\n\n' })
  })

  it('goes to the caller as it arrives from the step that was chosen', async () => {
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
    await using gateway = await startTestGateway({
      steps: [{ switch: [{ when: 'data.text = "hello"', steps: [{ uri: model.step.url }] }] }]
    })
    model.gates[0]?.open()
    const streamed = readStreamedText(await gateway.post())
    expect(await streamed.until('data: a\n\n')).toBe('data: a\n\n')
    model.openAll()
    expect(await streamed.until('data: b\n\n')).toBe('data: a\n\ndata: b\n\n')
  })

  it('streams with the attributes of its event', async () => {
    const event = { 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-source': '/model', 'ce-type': 'com.tokens' }
    await using model = await startStreamingStep(['{}\n'], { ...event, 'content-type': 'application/x-ndjson' })
    model.openAll()
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const response = await gateway.post()
    expect([response.headers.get('ce-type'), response.headers.get('ce-id')]).toEqual(['com.tokens', 'e1'])
    expect(await response.text()).toBe('{}\n')
  })

  it('is refused before it begins where its head is no event', async () => {
    const half = { 'ce-specversion': '1.0', 'ce-id': 'e1', 'content-type': 'text/event-stream' }
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'], half)
    model.gates[0]?.open()
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const response = await gateway.post()
    expect([response.status, await response.json()]).toMatchObject([502, { code: 'STEP_BAD_REPLY' }])
    await waitFor(() => model.step.requests[0]?.signal.aborted, { what: 'the call of the step to be aborted' })
  })

  it('is aborted when the caller goes away', async () => {
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
    model.gates[0]?.open()
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const caller = new AbortController()
    await readStreamedText(await gateway.post('{}', { signal: caller.signal })).until('data: a')
    caller.abort()
    await waitFor(() => model.step.requests[0]?.signal.aborted, { what: 'the call of the step to be aborted' })
  })
})

describe('a caller who follows', () => {
  it.each([1, 2])('gets server-sent events of a last step as they are: %i steps', async steps => {
    await using first = await startStep(json({}))
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
    model.openAll()
    await using gateway = await startTestGateway({ steps: [first.url, model.step.url].slice(2 - steps) })
    const response = await gateway.post('{}', followed)
    expect(response.headers.get('ce-type')).toBe('dev.sluice.reply')
    expect(await response.text()).toBe('data: a\n\ndata: b\n\n')
  })

  it('gets them behind the progress that was told meanwhile', async () => {
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
    await using gateway = await startTestGateway({ steps: [{ name: 'model', uri: model.step.url }] })
    const streamed = readStreamedText(await gateway.post('{}', followed))
    await streamed.until('"step":"model"')
    model.openAll()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toMatch(/^event: running\n.*\n\ndata: a\n\ndata: b\n\nevent: replied\n.*\n\n$/)
  })

  it('gets no progress where the last step always streams', async () => {
    await using model = await startStreamingStep(['data: a\n\n', 'data: b\n\n'])
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, stream: 'always' }] })
    const posted = gateway.post('{}', followed)
    await model.step.waitForRequests(1)
    // Longer than progress is held back elsewhere.
    setTimeout(model.openAll, 1_200)
    expect(await (await posted).text()).toBe('data: a\n\ndata: b\n\n')
  })

  it('gets lines of JSON as chunks, then what the request came to', async () => {
    await using model = await startStreamingStep(['{"n":1}\n', Buffer.from('{"n":"é"}\n').subarray(0, 7), 'rest'], {
      'content-type': 'application/x-ndjson'
    })
    model.openAll()
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const text = await (await gateway.post('{}', followed)).text()
    const chunks = text.split('\n\n').filter(block => block.startsWith('event: chunk'))
    expect(chunks.join('')).toContain('data: {"n":1}\ndata: ')
    expect(text).toMatch(/event: replied\n[^\n]*\n\n$/)
    expect(text).not.toContain('event: reply\n')
  })
})

describe('a step that dies before its first octet', () => {
  /** The head of a stream, and then the end. */
  const headOnly = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
  const whole = `${headOnly}9\r\ndata: a\n\n\r\n0\r\n\r\n`

  it('is tried again', async () => {
    await using step = await startRawStep(
      socket => socket.end(headOnly),
      socket => socket.end(whole)
    )
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { ...atOnce, retry: 1 } }] })
    expect(await (await gateway.post()).text()).toBe('data: a\n\n')
    expect(step.requests).toHaveLength(2)
  })

  it('has its fallback, which may stream too', async () => {
    await using step = await startRawStep(socket => socket.end(headOnly))
    await using spare = await startStreamingStep(['data: spare\n\n', 'data: b\n\n'])
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: { ...atOnce, retry: 1 }, onFailure: { fallback: { uri: spare.step.url } } }]
    })
    spare.gates[0]?.open()
    const streamed = readStreamedText(await gateway.post())
    await streamed.until('data: spare')
    spare.openAll()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(step.requests).toHaveLength(2)
  })

  it('has its timeout until then, whatever its idleTimeout is', async () => {
    await using step = await startRawStep(socket => socket.write(headOnly))
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, timeout: '200ms', idleTimeout: '1m', delivery: { retry: 0 } }]
    })
    const response = await gateway.post()
    expect([response.status, await response.json()]).toMatchObject([504, { code: 'STEP_TIMEOUT' }])
  })
})

describe('a stream that breaks off', () => {
  const spare = { onFailure: { fallback: { data: 'spare' } }, delivery: atOnce }

  it('has no end: neither for raw sockets, nor anything that stands in for it', async () => {
    await using model = await startStreamingStep(['{"n":1}\n', brokenOff], { 'content-type': 'application/x-ndjson' })
    await using gateway = await startTestGateway({ steps: [{ uri: model.step.url, ...spare }] })
    await using connection = await openRaw(gateway.url)
    connection.send(rawPost(gateway))
    const response = connection.response()
    model.openAll()
    await connection.closed
    const { status, bytes } = await response
    // The status of an answer without an end is 0 to this reader.
    expect(status).toBe(0)
    expect(bytes.toString()).toMatch(/\r\n\r\n8\r\n\{"n":1\}\n\r\n$/)
    expect(model.step.requests).toHaveLength(1)
  })

  it('tells server-sent events the problem, and then has no end', async () => {
    await using model = await startStreamingStep(['data: half an ev', brokenOff])
    await using gateway = await startTestGateway({ steps: [{ name: 'model', uri: model.step.url, ...spare }] })
    await using connection = await openRaw(gateway.url)
    connection.send(rawPost(gateway))
    const response = connection.response()
    model.openAll()
    await connection.closed
    const { status, bytes } = await response
    expect(status).toBe(0)
    const [, problem = ''] =
      /data: half an ev\r\n[0-9a-f]+\r\n\n\nevent: error\ndata: (.*)\n\n\r\n$/.exec(bytes.toString()) ?? []
    expect(JSON.parse(problem)).toMatchObject({
      code: 'STEP_BROKEN_OFF',
      status: 502,
      step: 'model',
      attempts: 1,
      pipeline: 'default/test'
    })
  })

  it('tells it a caller who follows and has seen progress', async () => {
    await using model = await startStreamingStep(['data: a\n\n', brokenOff])
    await using gateway = await startTestGateway({ steps: [{ name: 'model', uri: model.step.url }] })
    const streamed = readStreamedText(await gateway.post('{}', followed))
    await streamed.until('"step":"model"')
    model.openAll()
    await streamed.until('event: error\ndata: {"type":"https://sluice.dev/problems/step-broken-off"')
    await waitFor(() => streamed.ended, { what: 'the end of the connection' })
    expect(streamed.text).not.toContain('replied')
  })

  it('is an error to an EventSource', async () => {
    await using model = await startStreamingStep(['data: a\n\n', brokenOff])
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const source = new EventSource(`${gateway.url}/default/test`, {
      fetch: (url, init) => fetch(url, { ...init, method: 'POST', body: '{}' })
    })
    const errors: Event[] = []
    source.addEventListener('error', event => void errors.push(event))
    model.gates[0]?.open()
    const [message] = (await once(source, 'message')) as [MessageEvent]
    expect(message.data).toBe('a')
    model.openAll()
    await waitFor(() => errors.length > 0, { what: 'an error' })
    source.close()
    expect(JSON.parse(String((errors[0] as MessageEvent).data))).toMatchObject({ code: 'STEP_BROKEN_OFF' })
  })

  it('is an error to the client of OpenAI', async () => {
    const chunk = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hi' } }] }
    await using model = await startStreamingStep([`data: ${JSON.stringify(chunk)}\n\n`, brokenOff])
    model.openAll()
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: gateway.url,
      maxRetries: 0,
      fetch: (_url, init) => fetch(`${gateway.url}/default/test`, init)
    })
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
    const seen: unknown[] = []
    const failure = await (async () => {
      for await (const { choices } of stream) seen.push(choices[0]?.delta.content)
      return undefined
    })().catch((thrown: unknown) => thrown)
    expect(seen).toEqual(['Hi'])
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({ error: { code: 'STEP_BROKEN_OFF' } })
  })
})

describe('the times of a stream', () => {
  async function* ticks(count: number) {
    for (let i = 0; i < count; i++) {
      yield `data: ${i}\n\n`
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    await new Promise(() => {})
  }

  it('end with idleTimeout between two chunks; neither timeout nor deadline counts once it has begun', async () => {
    await using step = await startStep(() => ({ headers: { 'content-type': 'text/event-stream' }, body: ticks(12) }))
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, timeout: '500ms', idleTimeout: '900ms', delivery: atOnce }],
      spec: { deadline: '700ms' }
    })
    const streamed = readStreamedText(await gateway.post())
    await waitFor(() => streamed.ended, { what: 'the end of the connection' })
    expect(streamed.text).toContain('data: 11\n\nevent: error\n')
    expect(streamed.text).toContain('"code":"STEP_TIMEOUT"')
    expect(step.requests).toHaveLength(1)
  })

  it('stand still while the caller reads slowly, and nothing is lost', async () => {
    const total = 64 * 1024 * 1024
    const piece = `data: ${'x'.repeat(64 * 1024 - 8)}\n\n`
    let given = 0
    async function* body() {
      for (; given < total; given += piece.length) yield piece
    }
    await using step = await startStep(() => ({ headers: { 'content-type': 'text/event-stream' }, body: body() }))
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, idleTimeout: '1s' }] })
    const reader = (await gateway.post()).body?.getReader()
    const stalled = { at: 0, since: performance.now() }
    // Longer than the step may be silent, which is not to blame.
    await waitFor(
      () => {
        if (given !== stalled.at) Object.assign(stalled, { at: given, since: performance.now() })
        return given > 0 && performance.now() - stalled.since > 2000
      },
      { what: 'the step to be held up', timeoutMs: 30_000 }
    )
    expect(given).toBeLessThan(total / 2)
    let read = 0
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) read += next.value.length
    expect(read).toBe(given)
  })
})
