import { describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startNamedSteps } from '../graph/named-steps.ts'
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
    expect(response.headers.get('server-timing')).toMatch(/gateway;dur=\d/)
    const streamed = readStreamedText(response)
    const early = eventsOf(await streamed.until('"step":"two"'))
    const id = response.headers.get('sluice-request-id')
    const startedAt = expect.any(String)
    const ended = { name: 'one', status: 'replied', attempts: 2, startedAt, finishedAt: expect.any(String) }
    const begun = { name: 'one', path: 'one', status: 'running', startedAt }
    expect(early).toMatchObject([
      { event: 'running', data: { id, pipeline: 'default/test', status: 'running', step: 'one', steps: [begun] } },
      { event: 'running', data: { step: 'two', path: 'two', steps: [ended, { name: 'two', status: 'running' }] } }
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

  it('sees each step inside a step begin and end, with its path, while others run', async () => {
    await using steps = await startNamedSteps()
    const gates = [steps.gate('a'), steps.gate('b')]
    const branches = [
      { name: 'left', steps: [{ name: 'route', switch: [{ when: 'true', steps: [steps.step('a')] }] }] },
      { name: 'right', steps: [steps.step('b')] }
    ]
    await using gateway = await startTestGateway({ steps: [{ name: 'fan', parallel: { branches } }] })
    const streamed = readStreamedText(await gateway.post('{}', events))
    const tree = () =>
      (
        (eventsOf(streamed.text).at(-1)?.data['steps'] ?? []) as { path: string; status: string; attempts: number }[]
      ).map(({ path, status, attempts }) => `${path} ${status} ${attempts}`)
    await streamed.until('"path":"fan/right/b"')
    await streamed.until('"path":"fan/left/route/choice-1/a"')
    expect(tree()).toEqual([
      'fan running 0',
      'fan/left/route running 0',
      expect.stringMatching(/^fan\/left\/route\/choice-1\/a running [01]$/),
      expect.stringMatching(/^fan\/right\/b running [01]$/)
    ])
    await steps.waitForCall('b')
    gates[1]?.open()
    await streamed.until('"path":"fan/right/b","status":"replied"')
    expect(tree()).toEqual([
      'fan running 0',
      'fan/left/route running 0',
      'fan/left/route/choice-1/a running 1',
      'fan/right/b replied 1'
    ])
    gates[0]?.open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    const told = eventsOf(streamed.text)
    expect(told.at(-1)).toMatchObject({ event: 'reply', data: { data: { left: 'a', right: 'b' } } })
    expect(told.at(-2)).toMatchObject({ event: 'replied' })
    expect(told.at(-2)?.data).not.toHaveProperty('step')
  })

  it('is told of many branches that begin together in one event, since each event has all steps', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return json({})
    })
    const branches = Array.from({ length: 50 }, (_, i) => ({
      name: `branch-${i}`,
      steps: [{ name: `s${i}`, uri: step.url }]
    }))
    await using gateway = await startTestGateway({ steps: [{ name: 'fan', parallel: { branches } }] })
    const streamed = readStreamedText(await gateway.post('{}', events))
    await waitFor(() => /"name":"s49".*\n\n$/.test(streamed.text), { what: 'the last branch' })
    const begun = eventsOf(streamed.text).map(({ data }) => (data['steps'] as unknown[]).length)
    expect(begun).toEqual([1, 51])
    gate.open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
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
