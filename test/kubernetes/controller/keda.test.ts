import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, getObject, kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import type { ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'
import { installScaledObjects } from '../testbed/scaled-objects.ts'

/* A control plane of its own, with KEDA's ScaledObjects and without KEDA: the tests scale in its place. */

const prometheusUrl = 'http://prometheus.monitoring:9090'
let plane: ControlPlane
let options: KubectlOptions
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  plane = await openPodCluster(opened)
  options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  await installScaledObjects(options)
})

afterAll(() => opened.disposeAsync())

const start = (namespace: string, more: { readonly prometheusUrl?: string } = { prometheusUrl }) =>
  startControllerCli({ ...options, namespace, ...more })

const get = (namespace: string, what: string) => getObject(namespace, what, options)

const spec = (run: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  ...more,
  steps: [{ name: 'model', run: { image: 'model:1', ...run } }]
})

describe('the children of a pipeline with KEDA', () => {
  it('have a ScaledObject on what waits and is under way, which may take them to zero', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await start(name))
    await applyPipeline(name, 'test', spec({ max: 5, concurrency: 4, idle: 'PT2M' }), options)
    const { conditions } = await waitForPhase(name, 'test', 'Running', options)
    expect(conditions[0].message).toBe('generation 1 serves')
    const scaled = await get(name, 'scaledobject test-model')
    expect(scaled.metadata).toMatchObject({
      annotations: { 'sluice.dev/desired-phase': 'Running' },
      ownerReferences: [{ kind: 'ServingPipeline', name: 'test', controller: true }]
    })
    const waiting = `sluice_pending{pipeline="${name}/test"}`
    const underWay = `sluice_service_calls{service="${name}/test-model"}`
    expect(scaled.spec).toEqual({
      scaleTargetRef: { name: 'test-model' },
      pollingInterval: 5,
      cooldownPeriod: 120,
      minReplicaCount: 0,
      maxReplicaCount: 5,
      triggers: [
        {
          type: 'prometheus',
          metadata: {
            serverAddress: prometheusUrl,
            query: `(sum(${waiting}) or vector(0)) + (sum(${underWay}) or vector(0))`,
            threshold: '4',
            activationThreshold: '0'
          }
        }
      ]
    })
    expect(await get(name, 'hpa test-model')).toBeUndefined()
    await kubectlOk(['scale', '-n', name, 'deployment', 'test-model', '--replicas=0'], options)
    const idle = await waitForStatus(name, 'test', ({ replicas }) => replicas === 0, 'no replicas', options)
    expect(idle).toMatchObject({ phase: 'Running', steps: [{ instances: { desired: 0, ready: 0 } }] })
    await applyPipeline(name, 'test', spec({ min: 0, max: 3, concurrency: 4, idle: 'PT2M' }), options)
    await waitForStatus(name, 'test', ({ observedGeneration }) => observedGeneration === 2, 'the edit', options)
    expect((await get(name, 'deployment test-model')).spec.replicas).toBe(0)
  })

  it('may be at zero with max: 1 too, and have no ScaledObject where there is nothing to choose', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await start(name))
    await applyPipeline(name, 'one', spec(), options)
    await waitForPhase(name, 'one', 'Running', options)
    expect((await get(name, 'scaledobject one-model')).spec).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 1 })
    await applyPipeline(name, 'always', spec({ min: 1 }), options)
    await waitForPhase(name, 'always', 'Running', options)
    expect(await get(name, 'scaledobject always-model')).toBeUndefined()
  })

  it('are Scaling and ready while their first replica starts, since calls are held', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await start(name))
    // An image of this name never gets ready here.
    await applyPipeline(name, 'test', spec({ image: 'broken:1' }), options)
    const { conditions } = await waitForPhase(name, 'test', 'Scaling', options)
    expect(conditions[0]).toMatchObject({ type: 'Ready', status: 'True' })
    await applyPipeline(name, 'always', spec({ image: 'broken:1', min: 1 }), options)
    const isStarting = ({ conditions: [ready] }: { conditions: { reason: string }[] }) =>
      ready?.reason === 'ProcessStarting'
    expect(await waitForStatus(name, 'always', isStarting, 'its start', options)).toMatchObject({ phase: 'Pending' })
  })

  it('stay at zero in a pause, and KEDA is told', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await start(name))
    await applyPipeline(name, 'test', spec({ min: 1, max: 3 }), options)
    await waitForPhase(name, 'test', 'Running', options)
    await applyPipeline(name, 'test', spec({ min: 1, max: 3 }, { lifecycle: { desiredPhase: 'Paused' } }), options)
    const paused = await waitForPhase(name, 'test', 'Paused', options)
    expect(paused).toMatchObject({ drainedOnPause: true, replicas: 0 })
    const annotations = async () => (await get(name, 'scaledobject test-model')).metadata.annotations
    expect(await annotations()).toMatchObject({
      'sluice.dev/desired-phase': 'Paused',
      'autoscaling.keda.sh/paused-replicas': '0'
    })
    await applyPipeline(name, 'test', spec({ min: 1, max: 3 }), options)
    await waitForPhase(name, 'test', 'Running', options)
    expect(await annotations()).toEqual({ 'sluice.dev/desired-phase': 'Running' })
    await kubectlOk(['delete', '-n', name, 'sp', 'test', '--timeout=120s'], options)
    expect((await get(name, 'scaledobject,deployment,service')).items).toEqual([])
  })

  it('have an autoscaler in its place without the URL of a Prometheus, and the floor of one that it needs', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    {
      await using opened = new AsyncDisposableStack()
      opened.use(await start(name))
      await applyPipeline(name, 'test', spec({ min: 0, max: 3 }), options)
      await waitFor(() => get(name, 'scaledobject test-model'), { what: 'the ScaledObject' })
    }
    await using opened = new AsyncDisposableStack()
    opened.use(await start(name, {}))
    await waitFor(async () => (await get(name, 'hpa test-model'))?.spec.minReplicas === 1, { what: 'the autoscaler' })
    await waitFor(async () => (await get(name, 'scaledobject test-model')) === undefined, {
      what: 'the ScaledObject to be gone'
    })
    await waitForStatus(
      name,
      'test',
      ({ conditions: [ready] }) => /always has one replica, since min: 0 needs Knative, or KEDA/.test(ready.message),
      'the floor to be told',
      options
    )
  })
})
