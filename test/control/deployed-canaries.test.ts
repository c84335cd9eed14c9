import { describe, expect, it } from 'vitest'
import { deployedSteps, withServices } from '../../src/kubernetes/deployed-steps.ts'
import { desiredChildren } from '../../src/kubernetes/controller/desired-children.ts'
import type { Scaling } from '../../src/kubernetes/controller/scaling.ts'

const model = (run: Record<string, unknown> = {}, canary: Record<string, unknown> = {}) => ({
  steps: [
    {
      name: 'model',
      run: { image: 'model:1', min: 3, max: 6, ...run },
      traffic: [{ run: { image: 'model:2', ...canary }, tag: 'new', percent: 10, headers: { 'x-a': '1' } }]
    }
  ]
})

interface ScaledSpec {
  readonly minReplicaCount: number
  readonly triggers: readonly { readonly metadata: { readonly query: string } }[]
}

const childOf = (spec: ReturnType<typeof model>): string | undefined =>
  deployedSteps('test', spec).find(({ tag }) => tag === 'new')?.child

const namesOf = (spec: ReturnType<typeof model>, scaling: Scaling, served: readonly string[] = []) =>
  desiredChildren(
    { kind: 'ServingPipeline', apiVersion: 'sluice.dev/v1alpha1', metadata: { name: 'test', uid: '1' }, spec },
    { desiredPhase: 'Running', scaling, served: new Set(served) }
  ).map(({ resource, object }) => `${resource.kind} ${object.metadata.name}`)

describe('an image of an entry of traffic', () => {
  it("is the step's own run with the fields of the entry, variables one by one, and one replica at least", () => {
    const own = { command: ['serve'], env: { A: '1', B: '2' }, resources: { limits: { cpu: 1 } } }
    const [, canary] = deployedSteps('test', model(own, { env: { B: '3' }, resources: { limits: { cpu: 2 } } }))
    expect(canary).toMatchObject({
      step: 'model',
      tag: 'new',
      run: {
        image: 'model:2',
        command: ['serve'],
        env: { A: '1', B: '3' },
        resources: { limits: { cpu: 2 } },
        min: 1,
        max: 6
      }
    })
  })

  it('has another name when it has another container, and the same with other bounds', () => {
    const name = childOf(model())
    expect(name).toMatch(/^test-model-new-[0-9a-f]{8}$/)
    expect(childOf(model({ min: 1, concurrency: 2, image: 'model:1.1' }, { max: 2 }))).toBe(name)
    expect(childOf(model({}, { image: 'model:3' }))).not.toBe(name)
    expect(childOf(model({ env: { A: '1' } }))).not.toBe(name)
  })

  it('is called by its name where it is served, and keeps the rest of the entry', () => {
    const [step] = withServices('test', model()).steps
    expect(step).toEqual({
      name: 'model',
      ref: { apiVersion: 'v1', kind: 'Service', name: 'test-model' },
      traffic: [
        {
          ref: { apiVersion: 'sluice.dev/v1alpha1', kind: 'Canary', name: childOf(model()) },
          tag: 'new',
          percent: 10,
          headers: { 'x-a': '1' }
        }
      ]
    })
  })

  it('gets its Service when it was ready, and a Knative Service of its own where Knative is', () => {
    const spec = model()
    const canary = childOf(spec) ?? ''
    const own = ['Deployment test-model', 'Service test-model', 'HorizontalPodAutoscaler test-model']
    const scaled = `HorizontalPodAutoscaler ${canary}`
    expect(namesOf(spec, { by: 'autoscaler' })).toEqual([...own, `Deployment ${canary}`, scaled])
    expect(namesOf(spec, { by: 'autoscaler' }, [canary])).toEqual([
      ...own,
      `Deployment ${canary}`,
      `Service ${canary}`,
      scaled
    ])
    expect(namesOf(spec, { by: 'knative' })).toEqual(['Service test-model', `Service ${canary}`])
  })

  it('is no pod of its step, nor of another canary, by its labels', () => {
    const parent = { kind: 'ServingPipeline', apiVersion: 'sluice.dev/v1alpha1', metadata: { name: 'test' } }
    const options = { desiredPhase: 'Running', scaling: { by: 'autoscaler' }, served: new Set<string>() } as const
    const selectors = [model(), model({}, { image: 'model:3' })].flatMap(spec =>
      desiredChildren({ ...parent, spec }, options)
        .filter(({ resource }) => resource.kind === 'Deployment')
        .map(({ object }) => (object as unknown as { spec: { selector: { matchLabels: object } } }).spec.selector)
    )
    const canaries = selectors.filter(({ matchLabels }) => !('sluice.dev/step' in matchLabels))
    expect(canaries).toHaveLength(2)
    expect(canaries[0]).not.toEqual(canaries[1])
  })

  it('is scaled by KEDA by its own calls, and never to zero', () => {
    const spec = model({ min: 0 }, { min: 0 })
    const children = desiredChildren(
      { kind: 'ServingPipeline', apiVersion: 'sluice.dev/v1alpha1', metadata: { name: 'test', namespace: 'ns' }, spec },
      { desiredPhase: 'Running', scaling: { by: 'keda', prometheusUrl: 'http://p' }, served: new Set() }
    )
    const [{ minReplicaCount, triggers }] = children
      .filter(({ resource, object }) => resource.kind === 'ScaledObject' && object.metadata.name !== 'test-model')
      .map(({ object }) => (object as unknown as { spec: ScaledSpec }).spec) as [ScaledSpec]
    expect(minReplicaCount).toBe(1)
    const query = `(sum(sluice_service_calls{service="ns/${childOf(spec)}"}) or vector(0))`
    expect(triggers[0]?.metadata.query).toBe(query)
  })
})
