import { describe, expect, it } from 'vitest'
import { canaryRef } from '../../src/pipeline/canary-ref.ts'
import { aPlan } from '../helpers/a-plan.ts'
import { startTestGateway } from '../helpers/gateway.ts'
import { startStep } from '../helpers/step-server.ts'

const awaited = (tag: string, percent?: number) => ({
  ref: canaryRef(`test-model-${tag}`),
  tag,
  ...(percent !== undefined && { percent })
})

const sharesOf = (traffic: readonly unknown[], more: Record<string, unknown> = {}) => {
  const plan = aPlan({ steps: [{ name: 'model', uri: 'http://own.test', traffic, ...more }] })
  const [step] = plan.flow
  return [plan.unresolved, step?.kind === 'call' && step.traffic.map(({ name, percent }) => [name, percent])]
}

describe('an entry of traffic whose image was never ready', () => {
  it.each([
    [
      [awaited('new', 20)],
      [
        ['new', 0],
        ['@own', 100]
      ]
    ],
    [
      [awaited('new', 100)],
      [
        ['new', 0],
        ['@own', 100]
      ]
    ],
    [
      [awaited('new', 50), { uri: 'http://other.test', percent: 20 }],
      [
        ['new', 0],
        ['@2', 40],
        ['@own', 60]
      ]
    ],
    [
      [awaited('new'), { uri: 'http://other.test' }],
      [
        ['new', 0],
        ['@2', 100],
        ['@own', 0]
      ]
    ],
    [
      [awaited('new', 10), awaited('newer', 10)],
      [
        ['new', 0],
        ['newer', 0],
        ['@own', 100]
      ]
    ]
  ])('has no share, which goes to the others as they share the rest: %j', (traffic, shares) => {
    expect(sharesOf(traffic)).toEqual([[], shares])
  })

  it('leaves the step to serve; whoever picks it is told that it is not ready, and its rollout does not begin', async () => {
    await using own = await startStep({ body: '"own"', headers: { 'content-type': 'application/json' } })
    const rollout = { tag: 'new', steps: [100], every: '1ms', minCalls: 1 }
    const step = { name: 'model', uri: own.url, traffic: [awaited('new')], rollout, delivery: { retry: 0 } }
    await using gateway = await startTestGateway({ steps: [step] })
    for (let n = 0; n < 5; n++) expect((await gateway.post()).status).toBe(200)
    const picked = await gateway.post('{}', { headers: { 'sluice-tag': 'model=new' } })
    expect([picked.status, await picked.json()]).toMatchObject([
      503,
      { code: 'PIPELINE_NOT_READY', detail: expect.stringContaining('Canary/default/test-model-new is not ready yet') }
    ])
    const url = `${gateway.adminUrl}/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines/test/status`
    const { conditions, steps } = (await (await fetch(url)).json()) as {
      conditions: { type: string }[]
      steps: { traffic: unknown }[]
    }
    expect(conditions.find(({ type }) => type === 'Rollout')).toMatchObject({
      reason: 'Progressing',
      message: 'step "model": "new" has 0 percent until it is ready'
    })
    expect(steps[0]?.traffic).toMatchObject([
      { tag: 'new', percent: 0 },
      { percent: 100, calls: 5 }
    ])
  })
})
