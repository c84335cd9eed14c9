import { describe, expect, it } from 'vitest'
import { mayFormerGo } from '../../src/kubernetes/controller/former-children.ts'
import type { GatewayStatus, Reports } from '../../src/kubernetes/controller/gateway-report.ts'
import { usesOf } from '../../src/kubernetes/controller/gateway-uses.ts'
import { Memories } from '../../src/kubernetes/controller/pipeline-memory.ts'

const key = 'default/test'
const former = new Set(['test-model-new-1'])
const calls = (...names: readonly string[]) =>
  usesOf({ steps: names.map(name => ({ ref: { kind: 'Service', name } })) }, 'default')

type Told = Partial<GatewayStatus>

/** Whether what is left may go, after the gateways have told this twice. */
function mayGo(pipelines: Record<string, Told>, silent: readonly string[] = []): boolean {
  const object = { apiVersion: 'a', kind: 'ServingPipeline', metadata: { name: 'test', uid: '1' } }
  const memory = new Memories().of(key, { object, read: { file: 'a', pipelines: [], faults: [] } })
  const told = Object.entries(pipelines).map(([name, status]): [string, GatewayStatus] => [
    name,
    { ...calls('test-model'), ...status }
  ])
  const reports = (askedAt: number): Reports => ({
    reports: [{ gateway: 'a', store: undefined, pipelines: new Map(told) }],
    silent,
    askedAt
  })
  const look = (askedAt: number): boolean =>
    mayFormerGo(memory, { key, generation: 2, former, graceSeconds: 30, reports: reports(askedAt) })
  expect(look(-Infinity)).toBe(false)
  const now = performance.now()
  look(now + 1)
  return look(now + 60_000)
}

describe('what runs for a former definition', () => {
  it('goes when the gateways have the new one, and no request of an older one', () => {
    expect(mayGo({ [key]: {} })).toBe(true)
    expect(mayGo({})).toBe(true)
  })

  it.each<[string, Record<string, Told>]>([
    ['a request of an older one is open', { [key]: { generations: [{ generation: 1, open: 1 }] } }],
    ['a gateway has not heard of the new one', { [key]: calls('test-model', 'test-model-new-1') }],
    ['a request of an older one runs', { [key]: { phase: 'RollingUpdate' } }],
    [
      'an older one serves, since the new one is not ready',
      {
        [key]: {
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              reason: 'NewGenerationNotReady',
              message: '',
              lastTransitionTime: '',
              observedGeneration: 1
            }
          ]
        }
      }
    ],
    [
      'a request of another pipeline is open that has it in it',
      {
        [key]: {},
        'default/around': {
          ...usesOf({ steps: [{ pipeline: 'test' }] }, 'default'),
          generations: [{ generation: 1, open: 1 }]
        }
      }
    ]
  ])('stays while %s', (_, told) => expect(mayGo(told)).toBe(false))

  it('stays while a gateway does not answer', () => expect(mayGo({ [key]: {} }, ['gateway b'])).toBe(false))
})
