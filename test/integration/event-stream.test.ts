import { describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep } from '../helpers/step-server.ts'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { waitFor } from '../helpers/wait-for.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const events = { headers: { accept: 'text/event-stream' } }

/** The server-sent events of a text, their data parsed. */
function eventsOf(text: string): { event: string; data: Record<string, unknown> }[] {
  return text
    .split('\n\n')
    .filter(block => block.startsWith('event: ') || block.startsWith('id: '))
    .map(block => {
      const lines = block.split('\n')
      const valuesOf = (field: string): string =>
        lines
          .filter(line => line.startsWith(`${field}: `))
          .map(line => line.slice(field.length + 2))
          .join('\n')
      return { event: valuesOf('event'), data: JSON.parse(valuesOf('data')) as Record<string, unknown> }
    })
}

const follow = async (gateway: TestGateway, body = '{"n":1}') =>
  eventsOf(await (await gateway.post(body, events)).text())

describe('a caller who accepts text/event-stream', () => {
  it('sees each step begin and end, as it happens, then gets the reply', async () => {
    const gate = createGate()
    await using one = await startStep(503, json({ from: 'one' }))
    await using two = await startStep(async () => {
      await gate.opened
      return json({ from: 'two' })
    })
    await using gateway = await startTestGateway({
      steps: [
        { name: 'one', uri: one.url, delivery: { backoffDelay: '1ms' } },
        { name: 'two', uri: two.url }
      ]
    })
    const response = await gateway.post('{}', events)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    const streamed = readStreamedText(response)
    const early = eventsOf(await streamed.until('"step":"two"'))
    const id = response.headers.get('sluice-request-id')
    const ended = { name: 'one', status: 'replied', attempts: 2, startedAt: expect.any(String) }
    expect(early).toMatchObject([
      { event: 'running', data: { id, pipeline: 'default/test', status: 'running', step: 'one', steps: [] } },
      { event: 'running', data: { step: 'two', steps: [ended] } }
    ])
    gate.open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    const last = eventsOf(streamed.text).slice(2)
    expect(last).toMatchObject([
      { event: 'replied', data: { id, status: 'replied', steps: [ended, { name: 'two', attempts: 1 }] } },
      { event: 'reply', data: { specversion: '1.0', datacontenttype: 'application/json', data: { from: 'two' } } }
    ])
    expect(last).toHaveLength(2)
  })

  it.each([
    ['text/plain', 'two\nlines', { data: 'two\nlines' }],
    ['application/json', '{\r\n"a": 1\n}', { data: { a: 1 } }],
    ['image/png', Buffer.from([0, 255, 10]), { data_base64: 'AP8K' }]
  ])('gets a reply of %s', async (type, body, expected) => {
    await using step = await startStep({ headers: { 'content-type': type }, body })
    await using gateway = await startTestGateway({ steps: [step.url] })
    expect((await follow(gateway)).at(-1)).toMatchObject({
      event: 'reply',
      data: { datacontenttype: type, ...expected }
    })
  })

  it('is told what was filtered, and what failed, with the problem', async () => {
    await using silent = await startStep(202)
    await using broken = await startStep(418)
    await using filtering = await startTestGateway({ steps: [silent.url] })
    await using failing = await startTestGateway({ steps: [{ name: 'tea', uri: broken.url }] })
    expect(await follow(filtering)).toMatchObject([
      { event: 'running' },
      { event: 'filtered', data: { status: 'filtered', steps: [{ name: 'step-1', status: 'filtered' }] } }
    ])
    const told = await follow(failing)
    expect(told).toMatchObject([
      { event: 'running' },
      { event: 'failed', data: { status: 502, code: 'STEP_FAILED', step: 'tea', attempts: 1, upstreamStatus: 418 } }
    ])
    expect(told[1]?.data['instance']).toBe('/default/test')
  })

  it('gets a plain problem for what is wrong before the first step', async () => {
    await using step = await startStep(json({}))
    await using gateway = await startTestGateway({ steps: [step.url], spec: { limits: { maxBodyBytes: 10 } } })
    const response = await gateway.post('"more than ten octets"', events)
    expect([response.status, response.headers.get('content-type')]).toEqual([413, 'application/problem+json'])
  })

  it('sees a request that is stored in the same way as who asks for its events, then gets the reply', async () => {
    await using step = await startStep(json({ from: 'step' }))
    await using gateway = await startTestGateway({ steps: [step.url], spec: { requests: { stored: true } } })
    const response = await gateway.post('{}', events)
    const told = eventsOf(await response.text())
    expect(response.status).toBe(200)
    expect(told.at(-1)).toMatchObject({ event: 'reply', data: { data: { from: 'step' } } })
    const [last] = told.slice(-2)
    expect(last).toMatchObject({ event: 'replied', data: { status: 'replied', steps: [{ name: 'step-1' }] } })
    const links = last?.data['links'] as { events: string } | undefined
    const asked = await (await fetch(`${gateway.url}${links?.events}`)).text()
    expect(eventsOf(asked)).toEqual([last])
  })

  it.each([
    ['text/event-stream, application/json;q=0.9', true],
    ['TEXT/Event-Stream; charset=utf-8, */*', true],
    ['application/json, text/event-stream', false],
    ['text/event-stream;q=0.5, application/json', false],
    ['text/event-stream;q=0', false],
    ['application/json', false]
  ])('is one with Accept: %s: %s', async (accept, streams) => {
    await using step = await startStep(json({ a: 1 }))
    await using gateway = await startTestGateway({ steps: [step.url] })
    const response = await gateway.post('{}', { headers: { accept } })
    expect(response.headers.get('content-type')).toBe(streams ? 'text/event-stream' : 'application/json')
  })
})

/** A step that streams the pieces, each as soon as the test lets it. */
async function startStreamingStep(...pieces: readonly string[]) {
  const gates = pieces.map(createGate)
  async function* body() {
    for (const [i, piece] of pieces.entries()) {
      await gates[i]?.opened
      if (piece === 'break') throw new Error('broken off, as the test wants it')
      yield piece
    }
  }
  const step = await startStep(() => ({
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    body: body()
  }))
  return { step, gates, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
}

const once = { delivery: { retry: 0 } }

describe('a last step that streams', () => {
  it('is passed through as it arrives, to the octet', async () => {
    await using model = await startStreamingStep('data: {"token":"a"}\r\n\r\n', ': note\nevent: x\nda', 'ta: b\n\n')
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const response = await gateway.post('{}', events)
    const streamed = readStreamedText(response)
    for (const [i, seen] of ['"token":"a"', 'event: x\nda', 'ta: b'].entries()) {
      expect(streamed.text).not.toContain(seen)
      model.gates[i]?.open()
      await streamed.until(seen)
    }
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toContain('\n\ndata: {"token":"a"}\r\n\r\n: note\nevent: x\ndata: b\n\nevent: replied\n')
    expect(streamed.text).not.toContain('event: reply\n')
  })

  it('is collected for a caller who did not ask for events, and in the middle of a pipeline', async () => {
    await using model = await startStreamingStep('data: a\n\n', 'data: b\n\n')
    for (const { open } of model.gates) open()
    await using last = await startStep(({ body }) => json({ got: body.toString() }))
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    expect(await (await gateway.post()).text()).toBe('data: a\n\ndata: b\n\n')
    await using longer = await startTestGateway({ steps: [model.step.url, last.url] })
    expect((await follow(longer)).at(-1)).toMatchObject({ data: { data: { got: 'data: a\n\ndata: b\n\n' } } })
  })

  it('that breaks off ends in the problem, is not called again, and nothing stands in for it', async () => {
    await using model = await startStreamingStep('data: half an ev', 'break')
    await using gateway = await startTestGateway({
      steps: [{ uri: model.step.url, onFailure: { fallback: { data: 'spare' } }, delivery: { backoffDelay: '1ms' } }]
    })
    const streamed = readStreamedText(await gateway.post('{}', events))
    for (const { open } of model.gates) open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toContain('data: half an ev\n\nevent: failed\n')
    expect(eventsOf(streamed.text).at(-1)).toMatchObject({
      event: 'failed',
      data: { code: 'STEP_UNREACHABLE', step: 'step-1', attempts: 1 }
    })
    expect(model.step.requests).toHaveLength(1)
  })

  it('has no time limit in total, but may not be silent for longer than its timeout', async () => {
    async function* body() {
      for (let i = 0; i < 12; i++) {
        yield `data: ${i}\n\n`
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      await new Promise(() => {})
    }
    await using step = await startStep(() => ({ headers: { 'content-type': 'text/event-stream' }, body: body() }))
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, timeout: '800ms', ...once }] })
    const text = await (await gateway.post('{}', events)).text()
    expect(text).toContain('data: 11\n\nevent: failed\n')
    expect(eventsOf(text).at(-1)).toMatchObject({ data: { code: 'STEP_TIMEOUT', status: 504 } })
  })

  it('is aborted when the caller goes away', async () => {
    await using model = await startStreamingStep('data: a\n\n', 'data: b\n\n')
    await using gateway = await startTestGateway({ steps: [model.step.url] })
    const caller = new AbortController()
    model.gates[0]?.open()
    const streamed = readStreamedText(await gateway.post('{}', { ...events, signal: caller.signal }))
    await streamed.until('data: a')
    caller.abort()
    await waitFor(() => model.step.requests[0]?.signal.aborted, { what: 'the call of the step to be aborted' })
  })

  it('is held up by a caller who reads slowly, and nothing is lost', async () => {
    const total = 64 * 1024 * 1024
    const piece = `data: ${'x'.repeat(64 * 1024 - 8)}\n\n`
    let given = 0
    async function* body() {
      for (; given < total; given += piece.length) yield piece
    }
    await using step = await startStep(() => ({ headers: { 'content-type': 'text/event-stream' }, body: body() }))
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, timeout: '300ms', ...once }] })
    const reader = (await gateway.post('{}', events)).body?.getReader()
    const stalled = { at: 0, since: performance.now() }
    // Longer than the timeout of the step, which is not to blame.
    await waitFor(
      () => {
        if (given !== stalled.at) Object.assign(stalled, { at: given, since: performance.now() })
        return given > 0 && performance.now() - stalled.since > 1000
      },
      { what: 'the step to be held up', timeoutMs: 30_000 }
    )
    expect(given).toBeLessThan(total / 2)
    let read = 0
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) read += next.value.length
    expect(read).toBeGreaterThanOrEqual(total)
  })
})
