import { expect, it } from 'vitest'
import { countsOf } from '../../src/kubernetes/controller/counts.ts'
import type { GatewayReport, GatewayStatus } from '../../src/kubernetes/controller/gateway-report.ts'

const report = (gateway: string, status: GatewayStatus): GatewayReport => ({
  gateway,
  store: undefined,
  pipelines: new Map([['default/test', status]])
})

const step = (traffic: NonNullable<GatewayStatus['steps']>[number]['traffic'] = []): GatewayStatus => ({
  refs: new Set(),
  nests: new Set(),
  steps: [{ path: 'model', traffic }]
})

it('calls of an entry of traffic are those of all gateways, its failures a share of them, its time the worst', () => {
  const one = step([
    { percent: 90, calls: 30, failurePercent: 10, p95: 'PT0.2S' },
    { tag: 'canary', percent: 10, calls: 10, failurePercent: 50, p95: 'PT1.5S' }
  ])
  const two = step([
    { percent: 90, calls: 10, failurePercent: 50, p95: 'PT0.25S' },
    { tag: 'canary', percent: 10, calls: 0, failurePercent: 0 }
  ])
  const { traffic } = countsOf('default/test', { reports: [report('a', one), report('b', two)] })
  expect(traffic.get('model')).toEqual([
    { percent: 90, calls: 40, failurePercent: 20, p95: 'PT0.25S' },
    { tag: 'canary', percent: 10, calls: 10, failurePercent: 50, p95: 'PT1.5S' }
  ])
})

it('an entry that another gateway does not have yet is told as the one has it', () => {
  const older = step([{ percent: 100, calls: 5, failurePercent: 0 }])
  const newer = step([
    { percent: 95, calls: 2, failurePercent: 0 },
    { tag: 'canary', percent: 5, calls: 1, failurePercent: 100, p95: 'PT1S' }
  ])
  const { traffic } = countsOf('default/test', { reports: [report('a', newer), report('b', older)] })
  expect(traffic.get('model')).toMatchObject([
    { percent: 95, calls: 7 },
    { tag: 'canary', calls: 1, failurePercent: 100 }
  ])
})
