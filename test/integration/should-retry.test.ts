import { describe, expect, it } from 'vitest'
import { startEchoGateway } from '../helpers/echo-gateway.ts'
import { atOnce, startTestGateway, type PostInit } from '../helpers/gateway.ts'
import { retryMayHelp } from '../../src/http/should-retry.ts'
import { errorKinds, SluiceError, type ErrorCode } from '../../src/errors.ts'
import { startStep, type ScriptedAnswer } from '../helpers/step-server.ts'

async function told(answer: ScriptedAnswer, delivery: object, init?: PostInit) {
  await using step = await startStep(answer)
  await using gateway = await startTestGateway({ steps: [{ uri: step.url, delivery: { ...atOnce, ...delivery } }] })
  const { status, headers } = await gateway.post('{}', init)
  return [status, headers.get('x-should-retry')]
}

describe('x-should-retry: false', () => {
  it.each<[ScriptedAnswer, object, number]>([
    [500, { retry: 1 }, 502],
    [503, { retry: 0 }, 502],
    [401, { retry: 1 }, 502],
    [400, { retry: 1 }, 422],
    [{ headers: { 'content-encoding': 'gzip' }, body: 'x' }, {}, 502]
  ])('is on an error whose retries are spent, or that no retry helps: %j, %j', async (answer, delivery, status) => {
    expect(await told(answer, delivery)).toEqual([status, 'false'])
  })

  it('is on the answer of a stored request that failed for good', async () => {
    expect(await told(500, { retry: 1 }, { headers: { 'idempotency-key': 'a' } })).toEqual([502, 'false'])
  })

  it('is not where the time ended before the retries did', async () => {
    await using step = await startStep(500)
    const delivery = { retry: 5, backoffPolicy: 'linear', backoffDelay: '30s' }
    await using gateway = await startTestGateway({
      steps: [{ uri: step.url, delivery: { ...delivery, retryAfterMax: '60s' } }],
      spec: { deadline: '50ms' }
    })
    const { status, headers } = await gateway.post()
    expect([status >= 500, headers.get('x-should-retry')]).toEqual([true, null])
  })

  it('is on what the request itself does wrong', async () => {
    await using echo = await startEchoGateway()
    const { status, headers } = await echo.gateway.post('{}', { headers: { 'content-type': 'nonsense' } })
    expect([status, headers.get('x-should-retry')]).toEqual([415, 'false'])
  })
})

it('a retry may help where something passes', () => {
  const helped = (Object.keys(errorKinds) as ErrorCode[]).filter(code => retryMayHelp(new SluiceError(code, '')))
  expect(helped.toSorted()).toEqual(
    [
      'PIPELINE_NOT_FOUND',
      'REQUEST_TIMEOUT',
      'IDEMPOTENCY_IN_FLIGHT',
      'QUEUE_FULL',
      'RATE_LIMITED',
      'INTERNAL',
      'STEP_FAILED',
      'STEP_UNREACHABLE',
      'STEP_BROKEN_OFF',
      'STEP_TIMEOUT',
      'PIPELINE_NOT_READY',
      'PAUSED',
      'BREAKER_OPEN',
      'OVERLOADED',
      'STORE_UNAVAILABLE',
      'SHUTTING_DOWN',
      'DEADLINE_EXCEEDED'
    ].toSorted()
  )
})
