import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { createGate } from '../helpers/gate.ts'
import { startStep, type ScriptedAnswer } from '../helpers/step-server.ts'
import { readStreamedText } from '../helpers/streamed-text.ts'
import { waitFor } from '../helpers/wait-for.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })

const never: ScriptedAnswer = ({ signal }) =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(200)))

const hedged = (uri: string, hedge: Record<string, unknown> = {}) => ({
  name: 'model',
  uri,
  safe: true,
  hedge: { delay: '20ms', ...hedge },
  delivery: { retry: 0 }
})

const count = async ({ adminUrl }: TestGateway, metric: string): Promise<number> => {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(new RegExp(`^${metric}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

describe('a hedge', () => {
  it('is answered by whichever call is first, and the other is aborted', async () => {
    await using step = await startStep(never, json({ from: 'second' }))
    await using gateway = await startTestGateway({ steps: [hedged(step.url)] })
    const response = await gateway.post()
    expect([response.status, await response.json()]).toEqual([200, { from: 'second' }])
    await waitFor(() => step.requests[0]?.signal.aborted, { what: 'the end of the slow call' })
    expect([await count(gateway, 'sluice_hedges_total'), await count(gateway, 'sluice_step_attempts_total')]).toEqual([
      1, 1
    ])
    expect(new Set(step.requests.map(({ headers }) => headers['ce-id'])).size).toBe(1)
  })

  it('is not made where the first call is quick', async () => {
    await using step = await startStep(json({}))
    await using gateway = await startTestGateway({ steps: [hedged(step.url, { delay: '20s' })] })
    expect((await gateway.post()).status).toBe(200)
    expect(step.requests).toHaveLength(1)
  })

  it('makes as many calls as max says, each after a further delay', async () => {
    await using step = await startStep(never, never, never, json({ from: 'fourth' }))
    await using gateway = await startTestGateway({ steps: [hedged(step.url, { max: 3 })] })
    expect(await (await gateway.post()).json()).toEqual({ from: 'fourth' })
    expect(step.requests).toHaveLength(4)
  })

  it('waits for the other call when one fails, and tells the failure of the first when both do', async () => {
    const gate = createGate()
    const slowly = async () => {
      await gate.opened
      return 500
    }
    await using step = await startStep(slowly, 503, slowly, json({ from: 'second' }))
    await using gateway = await startTestGateway({ steps: [hedged(step.url)] })
    const failing = gateway.post()
    await step.waitForRequests(2)
    gate.open()
    expect(await (await failing).json()).toMatchObject({ code: 'STEP_FAILED', upstreamStatus: 500, attempts: 1 })
    const gentle = await gateway.post()
    expect(gentle.status === 200 || gentle.status === 502).toBe(true)
  })

  it('takes an answer that no further call would change at once', async () => {
    await using step = await startStep(never, 422)
    await using gateway = await startTestGateway({ steps: [hedged(step.url)] })
    expect(await (await gateway.post()).json()).toMatchObject({ code: 'STEP_REJECTED', attempts: 1 })
  })

  it('is one attempt: its time is that of the first call, retries come after it, and each has its hedges', async () => {
    await using step = await startStep(never, never, never, json({ from: 'fourth' }))
    const more = { timeout: '150ms', delivery: { retry: 1, ...atOnce } }
    await using gateway = await startTestGateway({ steps: [{ ...hedged(step.url), ...more }] })
    expect(await (await gateway.post()).json()).toEqual({ from: 'fourth' })
    expect([await count(gateway, 'sluice_hedges_total'), await count(gateway, 'sluice_step_attempts_total')]).toEqual([
      2, 2
    ])
  })

  it('counts among the calls of the request, and one too many is not made', async () => {
    await using step = await startStep(async () => {
      await step.waitForRequests(2)
      return json({})
    })
    const steps = [hedged(step.url, { max: 5 })]
    await using gateway = await startTestGateway({ steps, spec: { limits: { maxCalls: 2 } } })
    expect((await gateway.post()).status).toBe(200)
    expect(step.requests).toHaveLength(2)
  })

  it('counts once for the breaker, however many of its calls failed', async () => {
    await using step = await startStep(async () => {
      await waitFor(() => step.requests.length % 2 === 0, { what: 'the hedge' })
      return 500
    })
    const circuitBreaker = { volumeThreshold: 3 }
    await using gateway = await startTestGateway({ steps: [{ ...hedged(step.url), circuitBreaker }] })
    const codes: unknown[] = []
    for (let i = 0; i < 5; i++) codes.push(((await (await gateway.post()).json()) as { code: string }).code)
    expect(codes).toEqual(['STEP_FAILED', 'STEP_FAILED', 'STEP_FAILED', 'BREAKER_OPEN', 'BREAKER_OPEN'])
  })

  it('finds no place where the destination has none free', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return json({})
    })
    await using gateway = await startTestGateway({ steps: [{ ...hedged(step.url), concurrency: { max: 1 } }] })
    const posted = gateway.post()
    await step.waitForRequests(1)
    setTimeout(() => gate.open(), 100)
    expect((await posted).status).toBe(200)
    expect(step.requests).toHaveLength(1)
  })

  it('ends with the caller who leaves', async () => {
    await using step = await startStep(never)
    await using gateway = await startTestGateway({ steps: [hedged(step.url)] })
    const leaving = new AbortController()
    const posted = gateway.post('{}', { signal: leaving.signal }).catch(() => 'left')
    await step.waitForRequests(2)
    leaving.abort()
    expect(await posted).toBe('left')
    await waitFor(() => step.requests.every(({ signal }) => signal.aborted), { what: 'the end of both calls' })
  })

  it('of a stream goes on until the first octet', async () => {
    const stream = { 'content-type': 'application/x-ndjson' }
    const gate = createGate()
    const late = createGate()
    async function* slow() {
      await late.opened
      yield '{"from":"first"}\n'
    }
    async function* quick() {
      yield '{"from":"second"}\n'
      await gate.opened
      yield '{"end":true}\n'
    }
    await using step = await startStep({ headers: stream, body: slow() }, { headers: stream, body: quick() })
    await using gateway = await startTestGateway({ steps: [hedged(step.url)] })
    const streamed = readStreamedText(await gateway.post())
    await streamed.until('{"from":"second"}\n')
    await waitFor(() => step.requests[0]?.signal.aborted, { what: 'the end of the slow call' })
    late.open()
    gate.open()
    await waitFor(() => streamed.ended, { what: 'the end of the stream' })
    expect(streamed.text).toBe('{"from":"second"}\n{"end":true}\n')
    expect(step.requests).toHaveLength(2)
  })
})
