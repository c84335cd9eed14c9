import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'
import { ended, submit } from '../helpers/submit.ts'
import { letterOf } from '../replay/dead-letter-calls.ts'
import { stores } from './stores.ts'

const json = (value: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const traceId = '0af7651916cd43dd8448eb211c80319c'

describe.each(stores)('a request that fails for good, with $store', ({ open }) => {
  it('is kept with all that is known of it', async () => {
    await using store = await open()
    await using one = await startStep(json({ from: 'one' }))
    await using two = await startStep({ status: 503, body: 'no' })
    await using gateway = await startTestGateway({
      steps: [one.url, { name: 'two', uri: two.url, delivery: { retry: 2, ...atOnce } }],
      config: store.config
    })
    const before = Date.now()
    const id = await submit(gateway, {
      data: { text: 'original' },
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    })
    await ended(gateway, id)
    const letter = await letterOf(gateway, id)
    expect(letter).toMatchObject({
      id,
      pipeline: 'default/test',
      code: 'STEP_FAILED',
      step: 'two',
      attempts: 3,
      upstreamStatus: 503,
      deliveries: 1,
      traceId,
      event: { id, type: 'dev.sluice.request', data: { text: 'original' } },
      input: { id: `${id}.step-1`, data: { from: 'one' } },
      steps: [
        { name: 'step-1', status: 'replied', attempts: 1 },
        { name: 'two', status: 'failed', attempts: 3 }
      ],
      closed: false
    })
    const [acceptedAt, failedAt] = [letter['acceptedAt'], letter['failedAt']].map(time => Date.parse(String(time)))
    expect(acceptedAt).toBeGreaterThanOrEqual(before - 1_000)
    expect(failedAt).toBeGreaterThanOrEqual(acceptedAt ?? Infinity)
    const problem = await fetch(`${gateway.url}/default/test/requests/${id}/reply`)
    expect([problem.status, await problem.json()]).toMatchObject([502, { code: 'STEP_FAILED', step: 'two' }])
  })

  it('goes to the sink of its step, with what the step got and why it failed', async () => {
    await using store = await open()
    await using one = await startStep(json({ from: 'one' }))
    await using two = await startStep({ status: 422, body: 'too long' })
    await using sink = await startStep(503, 202)
    await using common = await startStep(202)
    const deadLetterSink = { uri: sink.url }
    await using gateway = await startTestGateway({
      steps: [one.url, { name: 'two', uri: two.url, delivery: { ...atOnce, retry: 1, deadLetterSink } }],
      spec: { delivery: { deadLetterSink: { uri: common.url } } },
      config: store.config
    })
    const id = await submit(gateway)
    await ended(gateway, id)
    const [, sent] = await sink.waitForRequests(2)
    expect(sent?.body.toString()).toBe('{"from":"one"}')
    expect(sent?.headers).toMatchObject({
      'ce-id': `${id}.step-1`,
      'ce-knativeerrordest': two.url,
      'ce-knativeerrorcode': '422',
      'ce-knativeerrordata': Buffer.from('too long').toString('base64'),
      'ce-sluicepipeline': 'default/test',
      'ce-sluicestep': 'two',
      'ce-sluiceattempts': '1',
      'ce-sluicerequestid': id
    })
    expect([sink.requests.length, common.requests.length]).toEqual([2, 0])
  })

  it('is kept when its sink is down', async () => {
    await using store = await open()
    await using model = await startStep(400)
    await using sink = await startStep(503)
    await using gateway = await startTestGateway({
      steps: [model.url],
      spec: { delivery: { ...atOnce, retry: 2, deadLetterSink: { uri: sink.url } } },
      config: store.config
    })
    const id = await submit(gateway, { data: 'precious' })
    expect(await ended(gateway, id)).toMatchObject({ status: 'failed', error: { upstreamStatus: 400 } })
    expect(sink.requests).toHaveLength(3)
    expect(await letterOf(gateway, id)).toMatchObject({ event: { data: 'precious' }, closed: false })
  })
})
