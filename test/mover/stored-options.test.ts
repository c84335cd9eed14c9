import { describe, expect, it } from 'vitest'
import { createGate } from '../helpers/gate.ts'
import { atOnce, startTestGateway, type TestGatewayOptions } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, statusOf, submit } from '../helpers/submit.ts'
import { waitFor } from '../helpers/wait-for.ts'
import { openLetters } from '../replay/dead-letter-calls.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const echo = ({ body }: { readonly body: Buffer }) => ({ ...json(0), body })

/** With a store that is open before the first request, since deadlines are short here. */
const startStoring = (options: TestGatewayOptions) =>
  startTestGateway({ ...options, config: { isStoreNamed: true, ...options.config } })

async function replyOf({ url }: { readonly url: string }, id: string): Promise<string> {
  const response = await fetch(`${url}/default/test/requests/${id}/reply`)
  return `${response.status} ${await response.text()}`
}

describe('the deadline of a stored request', () => {
  it('ends a call that hangs', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoring({ steps: [step.url], spec: { deadline: '300ms' } })
    const id = await submit(gateway)
    expect(await ended(gateway, id)).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } })
    expect(await openLetters(gateway)).toEqual([id])
    await waitFor(() => step.requests[0]?.signal.aborted, { what: 'the call to be given up' })
  })

  it('ends the retries', async () => {
    await using step = await startStep(500)
    const patient = { retry: 10, backoffPolicy: 'linear', backoffDelay: '400ms' }
    await using gateway = await startStoring({
      steps: [{ uri: step.url, delivery: patient }],
      spec: { deadline: '1s' }
    })
    const id = await submit(gateway)
    expect(await ended(gateway, id)).toMatchObject({ status: 'failed', error: { code: 'STEP_FAILED' } })
    expect(step.requests.length).toBeLessThan(11)
  })

  it('counts the time in the queue', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startStoring({
      steps: [step.url],
      spec: { deadline: '1s', limits: { maxInFlight: 1 } }
    })
    const [first, second] = [await submit(gateway), await submit(gateway)]
    expect(await ended(gateway, first)).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } })
    const late = await ended(gateway, second)
    expect(late).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } })
    // From the start of its own run it would have had until two seconds after its acceptance.
    expect(Date.parse(late.finishedAt ?? '') - Date.parse(late.acceptedAt)).toBeLessThan(1_900)
    gate.open()
  })

  it('ends what waits for an open breaker', async () => {
    await using step = await startStep(500)
    await using gateway = await startStoring({
      steps: [{ uri: step.url, delivery: { retry: 0 }, circuitBreaker: { volumeThreshold: 2, resetTimeout: '1m' } }],
      spec: { deadline: '500ms' }
    })
    await waitFor(async () => (await gateway.post()).status === 503, { what: 'the breaker to open' })
    const id = await submit(gateway)
    expect(await ended(gateway, id)).toMatchObject({
      status: 'failed',
      deliveries: 0,
      error: { code: 'DEADLINE_EXCEEDED', attempts: 0 }
    })
  })

  it('is none unless it is set: the default is for callers who wait', async () => {
    const gate = createGate()
    await using step = await startStep(async () => {
      await gate.opened
      return { body: 'done' }
    })
    await using gateway = await startStoring({ steps: [step.url] })
    const id = await submit(gateway)
    await step.waitForRequests(1)
    expect(await statusOf(gateway, id)).toMatchObject({ status: 'running' })
    gate.open()
    expect(await ended(gateway, id)).toMatchObject({ status: 'replied' })
  })
})

describe('a stored request goes the way of its plan', () => {
  it('when: a step is skipped', async () => {
    await using one = await startStep(echo)
    await using two = await startStep(echo)
    await using gateway = await startStoring({ steps: [{ uri: one.url, when: 'data.n > 1' }, two.url] })
    const [skipped, not] = [await submit(gateway, { data: { n: 1 } }), await submit(gateway, { data: { n: 2 } })]
    expect(await ended(gateway, skipped)).toMatchObject({ steps: [{ status: 'skipped', attempts: 0 }, {}] })
    expect(await ended(gateway, not)).toMatchObject({ steps: [{ status: 'replied', attempts: 1 }, {}] })
    expect([one.requests.length, two.requests.length]).toEqual([1, 2])
  })

  it('onFailure: the event passes on, or gets a fallback', async () => {
    await using bad = await startStep(400)
    await using last = await startStep(echo)
    const fallback = { data: { n: 0 }, contentType: 'application/json' }
    await using passing = await startStoring({ steps: [{ uri: bad.url, onFailure: 'continue' }, last.url] })
    await using falling = await startStoring({ steps: [{ uri: bad.url, onFailure: { fallback } }, last.url] })
    const replies: string[] = []
    for (const gateway of [passing, falling]) {
      const id = await submit(gateway, { data: { n: 1 } })
      expect(await ended(gateway, id)).toMatchObject({ status: 'replied' })
      expect(await openLetters(gateway)).toEqual([])
      replies.push(await replyOf(gateway, id))
    }
    expect(replies).toEqual(['200 {"n":1}', '200 {"n":0}'])
  })

  it.each([
    { onEmpty: 'stop', status: 'filtered', reply: '204 ', calls: 0 },
    { onEmpty: 'pass', status: 'replied', reply: '200 {"n":1}', calls: 1 },
    { onEmpty: 'fail', status: 'failed', reply: /^502 .*STEP_BAD_REPLY/, calls: 0 }
  ])('onEmpty: $onEmpty', async ({ onEmpty, status, reply, calls }) => {
    await using silent = await startStep(202)
    await using last = await startStep(echo)
    await using gateway = await startStoring({ steps: [{ uri: silent.url, onEmpty }, last.url] })
    const id = await submit(gateway, { data: { n: 1 } })
    expect(await ended(gateway, id)).toMatchObject({ status })
    expect(await replyOf(gateway, id)).toEqual(typeof reply === 'string' ? reply : expect.stringMatching(reply))
    expect(last.requests).toHaveLength(calls)
  })

  it('retries its failing step only', async () => {
    await using one = await startStep(echo)
    await using two = await startStep(500, 503, echo)
    await using gateway = await startStoring({ steps: [one.url, two.url], spec: { delivery: atOnce } })
    const id = await submit(gateway)
    expect(await ended(gateway, id)).toMatchObject({ status: 'replied', steps: [{ attempts: 1 }, { attempts: 3 }] })
    expect(one.requests).toHaveLength(1)
  })
})

describe('a stored request that is cancelled', () => {
  const cancel = ({ url }: { readonly url: string }, id: string) =>
    fetch(`${url}/default/test/requests/${id}`, { method: 'DELETE' })

  it('while a retry waits is not retried', async () => {
    await using step = await startStep(500)
    await using gateway = await startStoring({
      steps: [
        { uri: step.url, delivery: { retry: 3, backoffPolicy: 'linear', backoffDelay: '10m', backoffMax: '10m' } }
      ]
    })
    const id = await submit(gateway)
    await step.waitForRequests(1)
    expect((await cancel(gateway, id)).status).toBeLessThan(300)
    expect(await ended(gateway, id)).toMatchObject({ status: 'cancelled' })
    // Nothing is in flight that a shutdown would wait for.
    await gateway[Symbol.asyncDispose]()
    expect(step.requests).toHaveLength(1)
  })

  it('while its step runs has the call aborted', async () => {
    await using step = await startStep(() => new Promise<number>(() => {}))
    await using gateway = await startStoring({ steps: [step.url] })
    const id = await submit(gateway)
    const [call] = await step.waitForRequests(1)
    await cancel(gateway, id)
    await waitFor(() => call?.signal.aborted, { what: 'the call to be aborted' })
    expect(await openLetters(gateway)).toEqual([])
  })
})
