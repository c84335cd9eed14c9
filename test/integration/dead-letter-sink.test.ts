import { describe, expect, it } from 'vitest'
import { startCli } from '../helpers/cli.ts'
import { atOnce, pipelineText, startTestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { freePort } from '../helpers/loopback.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const into = (sink: { readonly url: string }, more = {}) => ({ retry: 0, ...more, deadLetterSink: { uri: sink.url } })

describe('a dead letter sink', () => {
  it('gets the input of the failing step, and why it failed', async () => {
    await using one = await startStep(json({ from: 'one' }))
    await using two = await startStep({ status: 500, body: 'x'.repeat(3000) })
    await using sink = await startStep(503, 202)
    await using gateway = await startTestGateway({
      steps: [
        { name: 'one', uri: one.url },
        { name: 'two', uri: `${two.url}/m`, delivery: into(sink, { retry: 1, ...atOnce }) }
      ]
    })
    const response = await gateway.post()
    expect(response.status).toBe(502)
    const [, letter] = await sink.waitForRequests(2)
    expect(letter?.body.toString()).toBe('{"from":"one"}')
    expect(letter?.headers).toMatchObject({
      'ce-knativeerrordest': `${two.url}/m`,
      'ce-knativeerrorcode': '500',
      'ce-knativeerrordata': Buffer.from('x'.repeat(1024)).toString('base64'),
      'ce-sluicepipeline': 'default/test',
      'ce-sluicestep': 'two',
      'ce-sluiceattempts': '2',
      'ce-sluicerequestid': response.headers.get('sluice-request-id')
    })
    expect(letter?.headers).not.toHaveProperty('prefer')
  })

  it('is not told the query of the URL that failed, where secrets travel', async () => {
    await using step = await startStep(500)
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({ steps: [{ uri: `${step.url}/m?key=s3cret`, delivery: into(sink) }] })
    expect((await gateway.post()).status).toBe(502)
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.headers['ce-knativeerrordest']).toBe(`${step.url}/m`)
    expect(JSON.stringify([letter?.rawHeaders, letter?.body.toString()])).not.toContain('s3cret')
    expect(step.requests[0]?.url).toBe('/m?key=s3cret')
  })

  it('gets the event as it was, apart from what is added', async () => {
    await using step = await startStep(422)
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: into(sink) }] })
    const sent = {
      'ce-specversion': '1.0',
      'ce-id': 'mine',
      'ce-source': '/s',
      'ce-type': 't',
      'ce-time': '2026-11-21T17:31:00.123456789+02:00',
      'ce-own': 'x',
      'content-type': 'application/octet-stream'
    }
    await gateway.post(Buffer.from([0, 255, 13, 10]), { headers: sent })
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.headers).toMatchObject({ ...sent, 'ce-knativeerrorcode': '422', 'ce-sluiceattempts': '1' })
    expect(letter?.body).toEqual(Buffer.from([0, 255, 13, 10]))
  })

  it('gets the event that the step could not be given: its input expression failed', async () => {
    await using step = await startStep(json({}))
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, input: '$error("no text")', delivery: into(sink) }]
    })
    expect(await (await gateway.post('{"n":1}')).json()).toMatchObject({ code: 'EXPRESSION_FAILED', attempts: 0 })
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.body.toString()).toBe('{"n":1}')
    expect(letter?.headers).toMatchObject({ 'ce-knativeerrordest': step.url, 'ce-sluiceattempts': '0' })
  })

  it.each([
    ['a when', (uri: string) => ({ uri, when: '$error("no text")' }), true],
    ['a transform', () => ({ transform: '$error("no text")' }), false]
  ])('gets the event of %s that failed', async (_what, stepOf, called) => {
    await using step = await startStep(json({}))
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ name: 'shape', ...stepOf(step.url), delivery: into(sink) }]
    })
    expect(await (await gateway.post('{"n":1}')).json()).toMatchObject({ code: 'EXPRESSION_FAILED', attempts: 0 })
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.body.toString()).toBe('{"n":1}')
    expect(letter?.headers).toMatchObject({
      'ce-sluicestep': 'shape',
      'ce-sluiceattempts': '0',
      'ce-knativeerrorcode': '502'
    })
    expect(letter?.headers['ce-knativeerrordest']).toBe(called ? step.url : undefined)
  })

  it('of the pipeline serves a transform, also one of a stored request', async () => {
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ transform: 'data.missing' }],
      spec: { delivery: into(sink), requests: { stored: true } }
    })
    const response = await gateway.post('{"n":1}')
    expect(await response.json()).toMatchObject({ code: 'EXPRESSION_FAILED', step: 'step-1' })
    // A stored request is settled, and its caller answered, only after its dead letter was sent.
    expect(sink.requests.map(({ body }) => body.toString())).toEqual(['{"n":1}'])
  })

  it('of the pipeline serves the steps that have none of their own', async () => {
    let failing = '/one'
    await using step = await startStep(({ url }) => (url === failing ? 400 : json({})))
    await using own = await startStep(202)
    await using common = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [
        { name: 'one', uri: `${step.url}/one` },
        { name: 'two', uri: `${step.url}/two`, delivery: into(own) }
      ],
      spec: { delivery: into(common) }
    })
    await gateway.post()
    failing = '/two'
    await gateway.post()
    const [[ofOne], [ofTwo]] = [await common.waitForRequests(1), await own.waitForRequests(1)]
    expect([ofOne?.headers['ce-sluicestep'], ofTwo?.headers['ce-sluicestep']]).toEqual(['one', 'two'])
    expect([common.requests.length, own.requests.length]).toEqual([1, 1])
  })

  it('gets the status that the caller sees when there was no answer, and what happened', async () => {
    const port = await freePort()
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ uri: `http://127.0.0.1:${port}`, delivery: into(sink) }]
    })
    await gateway.post()
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.headers['ce-knativeerrorcode']).toBe('502')
    const data = Buffer.from(String(letter?.headers['ce-knativeerrordata']), 'base64').toString()
    expect(data).toContain('could not be reached')
  })

  it('gets no data of an answer that had none, nor what an earlier failure left in the event', async () => {
    await using step = await startStep(500)
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: into(sink) }] })
    const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }
    const data = Buffer.from('of another step').toString('base64')
    await gateway.post('{}', { headers: { ...event, 'ce-knativeerrorcode': '404', 'ce-knativeerrordata': data } })
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.headers).toMatchObject({ 'ce-knativeerrorcode': '500', 'ce-sluicestep': 'step-1' })
    expect(letter?.headers).not.toHaveProperty('ce-knativeerrordata')
  })

  it('gets no URL of a transform, which calls none, although an earlier failure left one in the event', async () => {
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ transform: '$error("no text")', delivery: into(sink) }]
    })
    const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }
    await gateway.post('{}', { headers: { ...event, 'ce-knativeerrordest': 'http://another.example/' } })
    const [letter] = await sink.waitForRequests(1)
    expect(letter?.headers).toMatchObject({ 'ce-knativeerrorcode': '502' })
    expect(letter?.headers).not.toHaveProperty('ce-knativeerrordest')
  })

  it('does not keep the caller waiting, nor a shutdown for longer than its grace', async () => {
    await using step = await startStep(400)
    await using sink = await startStep(() => new Promise(() => {}))
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: into(sink) }],
      config: { shutdownGraceMs: 200 }
    })
    expect((await gateway.post()).status).toBe(422)
    const [letter] = await sink.waitForRequests(1)
    await gateway[Symbol.asyncDispose]()
    await waitFor(() => letter?.signal.aborted, { what: 'the call of the sink to be given up' })
  })

  it('is still served by a shutdown that has the time', async () => {
    const gate = createGate()
    await using step = await startStep(400)
    await using sink = await startStep(503, async () => {
      await gate.opened
      return 202
    })
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: into(sink, { retry: 1, ...atOnce }) }]
    })
    await gateway.post()
    await sink.waitForRequests(2)
    const closed = gateway[Symbol.asyncDispose]()
    gate.open()
    await closed
    expect(sink.requests[1]?.signal.aborted).toBe(false)
  })
})

describe('a dead letter that its sink does not take', () => {
  it('is told to the log, with its pipeline, step, request and attempts, and why', async () => {
    await using folder = await createTempFolder()
    await using step = await startStep(400)
    await using sink = await startStep(503)
    const delivery = into(sink, { retry: 1, ...atOnce })
    const file = await folder.write('test.json', pipelineText([{ name: 'model', uri: step.url, delivery }]))
    const args = ['run', file, '--port', '0', '--admin-port', '0']
    await using gateway = await startCli(args, { cwd: folder.path })
    const [, url] = await gateway.waitForLine(/ready on (\S+)/)
    const answer = await fetch(`${url}/default/test`, { method: 'POST', body: '{}' })
    const [line] = await gateway.waitForLine(/^.*could not be delivered to its sink.*$/)
    expect(JSON.parse(line)).toMatchObject({
      pipeline: 'default/test',
      step: 'model',
      requestId: answer.headers.get('sluice-request-id'),
      err: { code: 'STEP_FAILED', attempts: 2, upstreamStatus: 503 }
    })
  })
})

describe('a dead letter sink gets nothing', () => {
  it('of what is filtered, or refused by an open breaker', async () => {
    let status = 202
    await using step = await startStep(() => status)
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, circuitBreaker: { volumeThreshold: 2 }, delivery: into(sink) }]
    })
    expect((await gateway.post()).status).toBe(204)
    status = 500
    await waitFor(async () => (await gateway.post()).status === 503, { what: 'the breaker to open' })
    const failures = step.requests.length - 1
    await sink.waitForRequests(failures)
    await gateway.post()
    await gateway[Symbol.asyncDispose]()
    expect(sink.requests).toHaveLength(failures)
  })

  it('of what its caller gave up, or what onFailure made good', async () => {
    const gate = createGate()
    await using hanging = await startStep(async () => {
      await gate.opened
      return 500
    })
    await using sink = await startStep(202)
    await using gateway = await startTestGateway({
      steps: [{ uri: hanging.url, delivery: into(sink), onFailure: 'continue' }]
    })
    const caller = new AbortController()
    const posted = gateway.post('{}', { signal: caller.signal }).catch(() => 'gone')
    const [request] = await hanging.waitForRequests(1)
    caller.abort()
    expect(await posted).toBe('gone')
    await waitFor(() => request?.signal.aborted, { what: 'the call of the step to be aborted' })
    gate.open()
    expect((await gateway.post()).status).toBe(200)
    await gateway[Symbol.asyncDispose]()
    expect(sink.requests).toHaveLength(0)
  })
})
