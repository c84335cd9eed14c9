import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, getObject, kubectl, kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import { startControlPlane, type ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { installCrds } from '../testbed/sluice-crds.ts'
import { installKnativeKinds, startPretendKnative } from './pretend-knative.ts'

/* A control plane of its own, to which Knative comes after a first pipeline is there. */

let plane: ControlPlane
let options: KubectlOptions
const opened = new AsyncDisposableStack()
const step = (run: Record<string, unknown> = {}) => ({ name: 'model', run: { image: 'model:1', ...run } })

beforeAll(async () => {
  plane = opened.use(await startControlPlane(inject('programs').kube))
  options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  {
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli(options))
    await applyPipeline('default', 'older', { steps: [step({ max: 2 })] }, options)
    const kinds = 'deployment/older-model service/older-model hpa/older-model'
    await waitFor(async () => (await kubectl(['get', ...kinds.split(' ')], options)).code === 0, {
      what: 'what is deployed without Knative'
    })
  }
  await installKnativeKinds(plane.kubeconfig)
  opened.use(await startPretendKnative(plane.kubeconfig))
  opened.use(await startControllerCli(options))
})

afterAll(() => opened.disposeAsync())

const get = (namespace: string, name: string) => getObject(namespace, `services.serving.knative.dev/${name}`, options)

describe('the children of a pipeline with Knative', () => {
  it('are Knative Services with the bounds of their steps, which only the cluster may call', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const run = {
      port: 9000,
      min: 2,
      max: 5,
      concurrency: 4,
      idle: 'PT2M',
      env: { MODE: 'fast' },
      resources: { limits: { 'nvidia.com/gpu': 1 } }
    }
    await applyPipeline(name, 'test', { steps: [step(run)] }, options)
    const status = await waitForStatus(
      name,
      'test',
      ({ phase, replicas }) => phase === 'Running' && replicas === 2,
      'the replicas',
      options
    )
    expect(status.steps).toMatchObject([{ phase: 'Running', instances: { desired: 2, ready: 2 } }])
    expect(status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }, { type: 'Valid' }, { status: 'True' }])
    const { metadata, spec } = await get(name, 'test-model')
    expect(metadata).toMatchObject({
      annotations: { 'sluice.dev/desired-phase': 'Running' },
      labels: { 'networking.knative.dev/visibility': 'cluster-local' },
      ownerReferences: [{ kind: 'ServingPipeline', name: 'test', controller: true }]
    })
    expect(spec.template.metadata.annotations).toEqual({
      'autoscaling.knative.dev/min-scale': '2',
      'autoscaling.knative.dev/max-scale': '5',
      'autoscaling.knative.dev/target': '4',
      'autoscaling.knative.dev/window': '120s'
    })
    expect(spec.template.spec.containerConcurrency).toBe(4)
    expect(spec.template.spec.containers).toMatchObject([
      {
        image: 'model:1',
        env: [{ name: 'MODE', value: 'fast' }],
        ports: [{ containerPort: 9000 }],
        resources: { limits: { 'nvidia.com/gpu': 1 } }
      }
    ])
  })

  it('that Knative has taken to zero are as good as running ones', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', { steps: [step()] }, options)
    await waitForPhase(name, 'test', 'Running', options)
    const zero = JSON.stringify({ status: { desiredReplicas: 0, actualReplicas: 0 } })
    const revision = 'revisions.serving.knative.dev/test-model-00001'
    await kubectlOk(['patch', '-n', name, revision, '--subresource=status', '--type=merge', '-p', zero], options)
    const status = await waitForStatus(name, 'test', ({ replicas }) => replicas === 0, 'no replicas', options)
    expect(status).toMatchObject({ phase: 'Running', steps: [{ instances: { desired: 0, ready: 0 } }] })
    expect(status.conditions[0]).toMatchObject({ status: 'True', message: 'generation 1 serves' })
  })

  it('have a new revision beside the old one, which serves until the new one is ready', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', { steps: [step()] }, options)
    await waitForPhase(name, 'test', 'Running', options)
    await applyPipeline(name, 'test', { steps: [step({ image: 'broken:2' })] }, options)
    const rolling = await waitForPhase(name, 'test', 'RollingUpdate', options)
    await waitForStatus(
      name,
      'test',
      ({ conditions: [ready] }) =>
        ready.status === 'True' && ready.reason === 'NewGenerationNotReady' && /00002/.test(ready.message),
      'what is wrong with the new one',
      options
    )
    expect(rolling.conditions[0].status).toBe('True')
    await applyPipeline(name, 'test', { steps: [step({ image: 'model:3' })] }, options)
    await waitForPhase(name, 'test', 'Running', options)
    expect((await get(name, 'test-model')).metadata.generation).toBe(3)
  })

  it('go in a pause, since Knative cannot be told to run none, and come back', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const spec = (desiredPhase: string) => ({ lifecycle: { desiredPhase }, steps: [step({ min: 1, max: 2 })] })
    await applyPipeline(name, 'test', spec('Running'), options)
    await waitForPhase(name, 'test', 'Running', options)
    await applyPipeline(name, 'test', spec('Paused'), options)
    const paused = await waitForPhase(name, 'test', 'Paused', options)
    expect(paused).toMatchObject({ drainedOnPause: true, replicas: 0, steps: [{ desiredPhase: 'Paused' }] })
    expect(await get(name, 'test-model')).toBeUndefined()
    expect(paused.conditions).toContainEqual(expect.objectContaining({ type: 'Resolved', status: 'True' }))
    await applyPipeline(name, 'test', spec('Running'), options)
    await waitForPhase(name, 'test', 'Running', options)
    expect((await get(name, 'test-model')).metadata.generation).toBe(1)
  })

  it('of a canary is a Knative Service of its own, without which the step serves, and which goes with its entry', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const canaries = ['get', '-n', name, 'services.serving.knative.dev', '-l', 'sluice.dev/tag=new']
    const images = () =>
      kubectlOk(
        [...canaries, '-o', 'jsonpath={range .items[*]}{.spec.template.spec.containers[0].image} {end}'],
        options
      )
    const spec = (...traffic: readonly unknown[]) => ({
      steps: [{ ...step({ min: 2, max: 3 }), ...(traffic.length > 0 && { traffic }) }]
    })
    await applyPipeline(name, 'test', spec({ run: { image: 'broken:2' }, tag: 'new', percent: 10 }), options)
    const waits = ({ phase, conditions: [ready] }: { phase: string; conditions: { message: string }[] }): boolean =>
      phase === 'Running' &&
      /the entry "new" of step "model" has no calls until it is ready: Revision ".*" failed/.test(ready?.message ?? '')
    await waitForStatus(name, 'test', waits, 'what is wrong with the canary', options)
    await applyPipeline(name, 'test', spec({ run: { image: 'model:3' }, tag: 'new', percent: 10 }), options)
    const all = ({ replicas, conditions: [ready] }: { replicas: number; conditions: { message: string }[] }): boolean =>
      replicas === 3 && ready?.message === 'generation 2 serves'
    await waitForStatus(name, 'test', all, 'one replica of the canary beside two of the step', options)
    expect(await images()).toBe('model:3 ')
    expect((await get(name, 'test-model')).spec.template.spec.containers[0].image).toBe('model:1')
    await applyPipeline(name, 'test', spec(), options)
    await waitFor(async () => (await images()) === '', { what: 'the canary to be gone' })
  })

  it('go with their pipeline', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', { steps: [step()] }, options)
    await waitForPhase(name, 'test', 'Running', options)
    await kubectlOk(['delete', '-n', name, 'sp', 'test', '--timeout=120s'], options)
    expect(await get(name, 'test-model')).toBeUndefined()
  })

  it('take the place of what was deployed before Knative was there', async () => {
    await waitForPhase('default', 'older', 'Running', options)
    expect(await get('default', 'older-model')).toBeDefined()
    expect(await kubectlOk(['get', 'deployment,hpa', '-o', 'name'], options)).toBe('')
    const service = await kubectlOk(['get', 'service', 'older-model', '-o', 'jsonpath={.spec.type}'], options)
    expect(service).toBe('ExternalName')
  })
})
