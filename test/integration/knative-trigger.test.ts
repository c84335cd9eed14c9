import { describe, expect, it } from 'vitest'
import { atOnce, startTestGateway, type TestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

/* The calls of the filter behind a Knative Broker, as they were seen there. */

const event = {
  'ce-specversion': '1.0',
  'ce-id': 'comment-1',
  'ce-source': '/comments',
  'ce-type': 'comment.posted',
  'ce-knativearrivaltime': '2026-11-30T10:00:00.000Z',
  'kn-namespace': 'default',
  prefer: 'reply'
}

const deliver = (gateway: TestGateway): Promise<Response> => gateway.post('{"text":"hello"}', { headers: event })

const plain = { headers: { 'content-type': 'application/json' }, body: '{"sentiment":"good"}' }

describe('a Trigger of Knative', () => {
  it('gets the reply as an event, whose id is the same when the event is delivered again', async () => {
    await using step = await startStep(plain)
    await using gateway = await startTestGateway({
      steps: [{ name: 'score', uri: step.url, replyType: 'comment.scored' }]
    })
    const first = await deliver(gateway)
    expect([first.status, first.headers.get('ce-type'), await first.json()]).toEqual([
      200,
      'comment.scored',
      { sentiment: 'good' }
    ])
    const again = await deliver(gateway)
    expect(again.headers.get('ce-id')).toBe(first.headers.get('ce-id'))
    expect(again.headers.get('ce-source')).toBe('/default/test/score')
    expect(step.requests[0]?.headers['ce-knativearrivaltime']).toBe(event['ce-knativearrivaltime'])
  })

  it.each([400, 413, 415, 422])('is told by a 4xx that no retry helps against a step that answers %d', async status => {
    await using step = await startStep(status)
    await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: atOnce }] })
    const answer = await deliver(gateway)
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([422, 'false'])
    expect(step.requests).toHaveLength(1)
  })

  it('may deliver again what a pause, a full gateway, or a step that is too slow has refused', async () => {
    await using slow = await startStep(
      ({ signal }) => new Promise(resolve => signal.addEventListener('abort', () => resolve(500)))
    )
    await using late = await startTestGateway({ steps: [{ uri: slow.url, timeout: '50ms', delivery: { retry: 0 } }] })
    const timedOut = await deliver(late)
    expect(timedOut.status).toBe(504)
    await using paused = await startTestGateway({ steps: [slow.url], spec: { lifecycle: { desiredPhase: 'Paused' } } })
    const refused = await deliver(paused)
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([503, null])
    await using narrow = await startTestGateway({ steps: [slow.url], spec: { limits: { maxConcurrent: 1 } } })
    const leaving = new AbortController()
    const held = narrow.post('{}', { signal: leaving.signal }).catch(() => {})
    await slow.waitForRequests(2)
    const crowded = await deliver(narrow)
    expect([crowded.status, crowded.headers.get('x-should-retry'), crowded.headers.has('retry-after')]).toEqual([
      503,
      null,
      true
    ])
    leaving.abort()
    await held
  })
})
