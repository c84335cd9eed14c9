import { expect, it } from 'vitest'
import { runFlow } from './flow-under-test.ts'

it('a failure that each of many requests forgives is one line of the log in ten seconds, for each cause', async () => {
  const lines: Record<string, unknown>[] = []
  const steps = [
    { name: 'a', uri: 'http://x/a', onFailure: 'continue' },
    { name: 'b', uri: 'http://x/b', onFailure: 'continue' }
  ]
  const startedAt = performance.now()
  const { outcome } = await runFlow({
    steps,
    answers: { a: { fails: 'STEP_FAILED' }, b: { fails: 'STEP_TIMEOUT' } },
    lines,
    times: 1_000
  })
  const tens = 1 + Math.floor((performance.now() - startedAt) / 10_000)
  expect(outcome.kind).toBe('replied')
  expect(lines.slice(0, 2)).toMatchObject([
    { requestId: 'r', step: 'a', code: 'STEP_FAILED', reason: 'it failed' },
    { requestId: 'r', step: 'b', code: 'STEP_TIMEOUT' }
  ])
  expect(lines.length).toBeLessThanOrEqual(2 * tens)
})
