import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, getObject, kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import type { ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, readPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

/* A control plane of its own: one without Knative. */

let plane: ControlPlane
let options: KubectlOptions
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  plane = await openPodCluster(opened)
  options = { kubeconfig: plane.kubeconfig }
  opened.use(await startControllerCli(options))
  await installCrds(plane.kubeconfig)
})

afterAll(() => opened.disposeAsync())

const get = (namespace: string, what: string) => getObject(namespace, what, options)

const model = (run: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) => ({
  ...spec,
  steps: [{ name: 'model', run: { image: 'model:1', ...run } }]
})

describe('the children of a pipeline without Knative', () => {
  it('are a Deployment, a Service and an autoscaler, and say when it runs', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const run = {
      command: ['serve'],
      port: 9000,
      min: 2,
      max: 5,
      env: { MODE: 'fast', KEY: { valueFrom: { secretKeyRef: { name: 'model', key: 'key' } } } },
      resources: { limits: { 'nvidia.com/gpu': 1 } },
      nodeSelector: { gpu: 'yes' },
      readiness: { path: '/ready', timeout: 'PT20S' }
    }
    await applyPipeline(name, 'test', model(run), options)
    const status = await waitForPhase(name, 'test', 'Running', options)
    expect(status.steps).toMatchObject([
      { name: 'model', desiredPhase: 'Running', phase: 'Running', instances: { desired: 2, ready: 2 } }
    ])
    const deployment = await get(name, 'deployment test-model')
    expect(deployment.metadata).toMatchObject({
      annotations: { 'sluice.dev/desired-phase': 'Running' },
      ownerReferences: [{ kind: 'ServingPipeline', name: 'test', controller: true }]
    })
    const [container] = deployment.spec.template.spec.containers
    expect(container).toMatchObject({
      image: 'model:1',
      command: ['serve'],
      ports: [{ containerPort: 9000 }],
      resources: { limits: { 'nvidia.com/gpu': '1' } },
      readinessProbe: { httpGet: { path: '/ready', port: 9000 } },
      startupProbe: { failureThreshold: 10 }
    })
    expect(container.env).toContainEqual({ name: 'PORT', value: '9000' })
    expect(container.env).toContainEqual({ name: 'KEY', valueFrom: { secretKeyRef: { name: 'model', key: 'key' } } })
    expect((await get(name, 'service test-model')).spec.ports).toMatchObject([{ port: 80, targetPort: 9000 }])
    expect((await get(name, 'hpa test-model')).spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 })
  })

  it('of min: 0 stay at one replica, and status says so; max: 1 has no autoscaler', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', model(), options)
    const { conditions } = await waitForPhase(name, 'test', 'Running', options)
    expect(conditions[0].message).toContain('the step "model" always has one replica, since min: 0 needs Knative')
    expect(await get(name, 'hpa test-model')).toBeUndefined()
  })

  it('stay as they are until a new image is ready beside them', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', model(), options)
    await waitForPhase(name, 'test', 'Running', options)
    await applyPipeline(name, 'test', model({ image: 'broken:2' }), options)
    const rolling = await waitForPhase(name, 'test', 'RollingUpdate', options)
    expect(rolling.conditions[0]).toMatchObject({ type: 'Ready', status: 'True' })
    await applyPipeline(name, 'test', model({ image: 'model:3' }), options)
    await waitForPhase(name, 'test', 'Running', options)
    expect((await get(name, 'deployment test-model')).spec.template.spec.containers[0].image).toBe('model:3')
  })

  it('go to zero in a pause, come back, and go with their pipeline', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', model({ min: 2, max: 3 }), options)
    await waitForPhase(name, 'test', 'Running', options)
    await applyPipeline(name, 'test', model({ min: 2, max: 3 }, { lifecycle: { desiredPhase: 'Paused' } }), options)
    const paused = await waitForPhase(name, 'test', 'Paused', options)
    expect(paused).toMatchObject({ drainedOnPause: true, replicas: 0, steps: [{ desiredPhase: 'Paused' }] })
    const deployment = await get(name, 'deployment test-model')
    expect([deployment.spec.replicas, deployment.metadata.annotations['sluice.dev/desired-phase']]).toEqual([
      0,
      'Paused'
    ])
    expect(await get(name, 'hpa test-model')).toBeUndefined()
    await applyPipeline(name, 'test', model({ min: 2, max: 3 }), options)
    const running = await waitForPhase(name, 'test', 'Running', options)
    expect(running.steps[0].instances).toEqual({ desired: 2, ready: 2 })
    await kubectlOk(['delete', '-n', name, 'sp', 'test', '--timeout=120s'], options)
    await waitFor(async () => (await get(name, 'deployment,service,hpa,pod'))?.items.length === 0, {
      what: 'the children to be gone'
    })
  })

  it('of a canary are Deployments beside each other, and traffic may lead to those of another pipeline', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const choice = (of: string, image: string, weight: number) => ({
      name: of,
      weight,
      steps: [{ name: `${of}-model`, run: { image } }]
    })
    const split = [choice('stable', 'model:1', 95), choice('canary', 'model:2', 5)]
    await applyPipeline(name, 'test', { steps: [{ name: 'choose', split }] }, options)
    const status = await waitForPhase(name, 'test', 'Running', options)
    expect(status.replicas).toBe(2)
    const path = '{range .items[*]}{.metadata.name} {.spec.template.spec.containers[0].image},{end}'
    const images = await kubectlOk(['get', '-n', name, 'deployment', '-o', `jsonpath=${path}`], options)
    expect(images).toBe('test-canary-model model:2,test-stable-model model:1,')
    const ref = { apiVersion: 'v1', kind: 'Service', name: 'test-canary-model' }
    const traffic = [{ tag: 'canary', percent: 5, ref }]
    await applyPipeline(name, 'other', { steps: [{ name: 'model', run: { image: 'model:1' }, traffic }] }, options)
    const { conditions } = await waitForPhase(name, 'other', 'Running', options)
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Resolved', status: 'True' }))
  })

  it('go when their step does', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', model(), options)
    await waitForPhase(name, 'test', 'Running', options)
    await applyPipeline(name, 'test', { steps: [{ uri: 'http://a' }] }, options)
    await waitFor(async () => (await get(name, 'deployment,service'))?.items.length === 0, {
      what: 'the children to be gone'
    })
    await waitForPhase(name, 'test', 'Running', options)
  })

  it('that a person has edited stay so, and status says whose they are', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applyPipeline(name, 'test', model(), options)
    await waitForPhase(name, 'test', 'Running', options)
    const edit = ['set', 'image', '-n', name, 'deployment/test-model', 'step=mine:1', '--field-manager=kubectl-edit']
    await kubectlOk(edit, options)
    const isTold = ({ conditions }: { conditions: { type: string; message: string }[] }): boolean =>
      conditions.some(({ type, message }) => type === 'Conflict' && /Deployment test-model.*kubectl-edit/.test(message))
    await waitForStatus(name, 'test', isTold, 'the conflict', options)
    await applyPipeline(name, 'test', model({ image: 'model:2' }), options)
    await waitForStatus(name, 'test', status => status.observedGeneration === 2 && isTold(status), 'it again', options)
    expect((await get(name, 'deployment test-model')).spec.template.spec.containers[0].image).toBe('mine:1')
    expect((await readPipeline(name, 'test', options))?.status.conditions[0].status).toBe('True')
  })
})
