import { describe, expect, it } from 'vitest'
import { startTestGateway, type StepText, type TestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep, type ScriptedAnswer } from '../helpers/step-server.ts'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { ended, submit } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

/** Says how often it was called. */
function counting(): ScriptedAnswer {
  let calls = 0
  return () => json({ call: ++calls })
}

const cached = (uri: string, more: Record<string, unknown> = {}): StepText => ({
  name: 'model',
  uri,
  cache: { ttl: '1h' },
  delivery: { retry: 0 },
  ...more
})

const bodies = async (gateway: TestGateway, ...posted: readonly string[]): Promise<unknown[]> => {
  const read: unknown[] = []
  for (const body of posted) read.push(await (await gateway.post(body)).json())
  return read
}

const hits = async ({ adminUrl }: TestGateway): Promise<number> => {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(/^sluice_cache_hits_total\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

describe('a cache', () => {
  it('answers the same data again without a call, and says so', async () => {
    await using step = await startStep(counting())
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    const first = await gateway.post('{"a":1}')
    const second = await gateway.post('{"a":1}')
    expect([await first.json(), await second.json()]).toEqual([{ call: 1 }, { call: 1 }])
    expect(first.headers.get('server-timing')).toMatch(/^model;dur=[\d.]+, gateway/)
    expect(second.headers.get('server-timing')).toMatch(/^model;dur=[\d.]+;desc="cache hit", gateway/)
    expect(await bodies(gateway, '{"a":2}')).toEqual([{ call: 2 }])
    expect(await hits(gateway)).toBe(1)
  })

  it('gives a derived event of this request', async () => {
    await using step = await startStep({
      headers: {
        'content-type': 'text/plain',
        'ce-specversion': '1.0',
        'ce-id': 'x',
        'ce-source': '/m',
        'ce-type': 't'
      },
      body: 'said'
    })
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    await gateway.post('{}')
    const event = { 'ce-specversion': '1.0', 'ce-id': '7', 'ce-source': '/test', 'ce-type': 'test', 'ce-subject': 's' }
    const { headers } = await gateway.post('{}', { headers: event })
    expect(headers.get('ce-type')).toBe('dev.sluice.reply')
    expect(headers.get('ce-source')).toBe('/default/test/model')
    expect(headers.get('ce-id')).toMatch(/^[0-9a-f]{32}\.model$/)
    expect([headers.get('ce-causationid'), headers.get('ce-subject')]).toEqual(['7', 's'])
    expect(headers.get('content-type')).toBe('text/plain')
  })

  it.each([
    ['the content type', {}, [{ 'content-type': 'text/plain' }, { 'content-type': 'text/html' }]],
    ['a propagated header', { headers: { propagate: ['X-Tenant'] } }, [{ 'x-tenant': 'a' }, { 'x-tenant': 'b' }]]
  ] as const)('tells apart by %s', async (_what, spec, [one, other]) => {
    await using step = await startStep(counting())
    await using gateway = await startTestGateway({ steps: [cached(step.url)], spec })
    const call = async (headers: Record<string, string>) => (await gateway.post('{}', { headers })).text()
    expect([await call(one), await call(other), await call(one)]).toEqual(['{"call":1}', '{"call":2}', '{"call":1}'])
  })

  it('goes by the key of the step, and is not asked where that gives nothing', async () => {
    await using step = await startStep(counting())
    const cache = { ttl: '1h', key: 'data.text' }
    await using gateway = await startTestGateway({ steps: [cached(step.url, { cache })] })
    const posted = ['{"text":"a","n":1}', '{"text":"a","n":2}', '{"n":1}', '{"n":1}', '{"text":"b"}']
    expect(await bodies(gateway, ...posted)).toEqual([1, 1, 2, 3, 4].map(call => ({ call })))
  })

  it('forgets a reply after its time', async () => {
    await using step = await startStep(counting())
    await using gateway = await startTestGateway({ steps: [cached(step.url, { cache: { ttl: '1ms' } })] })
    await bodies(gateway, '{}')
    await waitFor(async () => (await bodies(gateway, '{}')).every(body => JSON.stringify(body) !== '{"call":1}'), {
      what: 'a second call'
    })
  })

  it('keeps neither failures nor empty answers nor those of a fallback', async () => {
    await using spare = await startStep(counting())
    await using step = await startStep(500, 204, 500, json({ from: 'step' }))
    const onFailure = { fallback: { uri: spare.url } }
    await using gateway = await startTestGateway({ steps: [cached(step.url, { onFailure, onEmpty: 'pass' })] })
    const seen = await bodies(gateway, '{}', '{}', '{}', '{}', '{}')
    expect(seen).toEqual([{ call: 1 }, {}, { call: 2 }, { from: 'step' }, { from: 'step' }])
  })

  it('keeps no reply that its contract refuses', async () => {
    await using step = await startStep(json({ bad: 1 }), json({ good: 1 }))
    const contract = { output: { required: ['good'] } }
    await using gateway = await startTestGateway({ steps: [cached(step.url, { contract })] })
    expect((await gateway.post('{}')).status).toBe(502)
    expect(await bodies(gateway, '{}', '{}')).toEqual([{ good: 1 }, { good: 1 }])
    expect(step.requests).toHaveLength(2)
  })

  it('makes one call of those that come while it is under way, and no hit counts in maxCalls', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return json({})
    })
    const branches = ['a', 'b', 'c'].map(name => ({ name, steps: [cached(step.url, { name: `${name}-step` })] }))
    const spec = { limits: { maxCalls: 1 } }
    await using gateway = await startTestGateway({ steps: [{ parallel: { branches } }], spec })
    const posted = [gateway.post('{}'), gateway.post('{}')]
    await step.waitForRequests(1)
    gate.open()
    for (const each of posted) expect(await (await each).json()).toEqual({ a: {}, b: {}, c: {} })
    expect(step.requests).toHaveLength(1)
  })

  it('lets the call go on for the others when the caller who made it leaves, and ends it with the last', async () => {
    const gate = createGate()
    await using step = await startStep(async ({ signal }) => {
      await Promise.race([gate.opened, new Promise(resolve => signal.addEventListener('abort', resolve))])
      return json({})
    })
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    const leave = [new AbortController(), new AbortController()]
    const first = gateway.post('{}', { signal: leave[0]!.signal }).catch(() => 'left')
    await step.waitForRequests(1)
    const second = gateway.post('{}')
    const third = gateway.post('{}', { signal: leave[1]!.signal }).catch(() => 'left')
    await inFlight(gateway, 3)
    leave[0]!.abort()
    expect(await first).toBe('left')
    await inFlight(gateway, 2)
    expect(step.requests[0]?.signal.aborted).toBe(false)
    gate.open()
    expect((await second).status).toBe(200)
    expect(await third).toMatchObject({ status: 200 })
    expect(step.requests).toHaveLength(1)
  })

  it('ends a call that nobody waits for any more', async () => {
    await using step = await startStep(
      ({ signal }) => new Promise(resolve => signal.addEventListener('abort', () => resolve(200)))
    )
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    const leaving = new AbortController()
    const posted = [1, 2].map(() => gateway.post('{}', { signal: leaving.signal }).catch(() => 'left'))
    await step.waitForRequests(1)
    await inFlight(gateway, 2)
    leaving.abort()
    expect(await Promise.all(posted)).toEqual(['left', 'left'])
    await waitFor(() => step.requests[0]?.signal.aborted, { what: 'the end of the call' })
  })

  it('goes on for the others when the time of who made the call is over', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return json({})
    })
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/test', 'ce-type': 'test' }
    const soon = { ...event, 'ce-expirytime': new Date(Date.now() + 500).toISOString() }
    const first = gateway.post('{}', { headers: soon })
    await step.waitForRequests(1)
    const second = gateway.post('{}')
    expect((await first).status).toBe(504)
    await step.waitForRequests(2)
    gate.open()
    expect((await second).status).toBe(200)
  })

  it('shares a failure with those who waited for it', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return 418
    })
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    const posted = [1, 2, 3].map(() => gateway.post('{}'))
    await inFlight(gateway, 3)
    await step.waitForRequests(1)
    gate.open()
    expect(await Promise.all(posted.map(async each => (await each).status))).toEqual([502, 502, 502])
    expect(step.requests).toHaveLength(1)
  })

  it('keeps no stream, and gives each caller one of its own', async () => {
    const gate = createGate()
    async function* lines() {
      yield '{"n":1}\n'
      await gate.opened
      yield '{"n":2}\n'
    }
    await using step = await startStep(() => ({ headers: { 'content-type': 'application/x-ndjson' }, body: lines() }))
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    const streamed = [readStreamedText(await gateway.post('{}')), readStreamedText(await gateway.post('{}'))]
    for (const each of streamed) await each.until('{"n":1}\n')
    gate.open()
    await waitFor(() => streamed.every(({ ended: isOver }) => isOver), { what: 'the end of the streams' })
    expect(streamed.map(({ text }) => text)).toEqual(['{"n":1}\n{"n":2}\n', '{"n":1}\n{"n":2}\n'])
    expect(step.requests).toHaveLength(2)
  })

  it('serves stored requests too', async () => {
    await using step = await startStep(counting())
    await using gateway = await startTestGateway({ steps: [cached(step.url)] })
    for (let i = 0; i < 3; i++) expect((await ended(gateway, await submit(gateway))).status).toBe('replied')
    expect(step.requests).toHaveLength(1)
  })

  it('is kept for each destination', async () => {
    await using one = await startStep(json({ from: 'one' }))
    await using other = await startStep(json({ from: 'other' }))
    const branches = [one, other].map(({ url }, i) => ({ name: `b${i}`, steps: [cached(url, { name: `s${i}` })] }))
    await using gateway = await startTestGateway({ steps: [{ parallel: { branches } }] })
    expect(await bodies(gateway, '{}')).toEqual([{ b0: { from: 'one' }, b1: { from: 'other' } }])
  })
})

const inFlight = (gateway: TestGateway, count: number) =>
  waitFor(
    async () => {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      return text.includes(`sluice_inflight{pipeline="default/test"} ${count}\n`)
    },
    { what: `${count} requests in flight` }
  )
