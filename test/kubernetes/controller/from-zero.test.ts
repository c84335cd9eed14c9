import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStep, type StepServer } from '../../helpers/step-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, getObject, type KubectlOptions } from '../testbed/cluster.ts'
import { conditionsOf, startClusterGateway, type ClusterGateway } from '../testbed/cluster-gateway.ts'
import type { ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'
import { startPretendKeda } from './pretend-keda.ts'
import { installScaledObjects } from '../testbed/scaled-objects.ts'

/*
 * Steps at zero, with the real controllers of Deployments and EndpointSlices, and a stand-in for KEDA that scales by the
 * metrics of real gateways. The pods are pretended: a Service leads to a model beside the test, by --resolve.
 */

let plane: ControlPlane
let options: KubectlOptions
let model: StepServer
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  plane = await openPodCluster(opened)
  options = { kubeconfig: plane.kubeconfig }
  model = opened.use(await startStep({ body: 'done' }))
  await installCrds(plane.kubeconfig)
  await installScaledObjects(options)
})

afterAll(() => opened.disposeAsync())

interface AtZero extends AsyncDisposable {
  readonly namespace: string
  readonly gateway: ClusterGateway
  /** From now on somebody scales, by the metrics of its gateway, or of another one. */
  startKeda(by?: ClusterGateway): ReturnType<typeof startPretendKeda>
}

interface AtZeroOptions {
  readonly spec?: Record<string, unknown>
  readonly run?: Record<string, unknown>
  readonly args?: readonly string[]
}

/** A pipeline `test` with one deployed step that has no replicas, a controller, and a gateway that knows it. */
async function stepAtZero({ spec = {}, run = {}, args = [] }: AtZeroOptions = {}): Promise<AtZero> {
  await using opening = new AsyncDisposableStack()
  const { name } = opening.use(await createNamespace(plane.kubeconfig))
  opening.use(await startControllerCli({ ...options, namespace: name, prometheusUrl: 'http://prometheus:9090' }))
  const definition = { ...spec, steps: [{ name: 'model', run: { image: 'model:1', idle: 'PT1S', ...run } }] }
  await applyPipeline(name, 'test', definition, options)
  await waitForPhase(name, 'test', 'Running', options)
  await sendToZero(name)
  const gateway = opening.use(await startGateway(name, args))
  const owned = opening.move()
  return {
    namespace: name,
    gateway,
    startKeda: async (by = gateway) => owned.use(await pretendKeda(name, by)),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

const pretendKeda = (namespace: string, ...gateways: readonly ClusterGateway[]) =>
  startPretendKeda({ kubeconfig: plane.kubeconfig, namespace, adminUrls: gateways.map(({ adminUrl }) => adminUrl) })

/** Nobody calls it. */
async function sendToZero(namespace: string): Promise<void> {
  await using opened = new AsyncDisposableStack()
  opened.use(await pretendKeda(namespace))
  await waitFor(() => isAtZero(namespace), { what: 'the step to be at zero' })
}

const startGateway = (namespace: string, args: readonly string[] = []): Promise<ClusterGateway> =>
  startClusterGateway(
    ['--namespace', namespace, '--resolve', `Service/${namespace}/test-model=${model.url}`, ...args],
    plane.kubeconfig
  )

/** As its EndpointSlices say it. */
async function isAtZero(namespace: string): Promise<boolean> {
  const slices = await getObject(
    namespace,
    'endpointslices -l kubernetes.io/service-name=test-model,app.kubernetes.io/managed-by=sluice',
    options
  )
  return slices?.items.length === 1 && (slices.items[0].endpoints ?? []).length === 0
}

async function pending({ namespace, gateway }: AtZero): Promise<number> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return Number(new RegExp(`^sluice_pending\\{pipeline="${namespace}/test"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

const untilPending = (step: AtZero, count: number): Promise<unknown> =>
  waitFor(async () => (await pending(step)) === count, { what: `${count} that wait` })

const post = ({ gateway, namespace }: AtZero, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.post(`${namespace}/test`, '{}', headers)

async function submit(step: AtZero): Promise<string> {
  const accepted = await post(step, { prefer: 'respond-async' })
  expect(accepted.status).toBe(202)
  return ((await accepted.json()) as { id: string }).id
}

interface Known {
  readonly status: string
  readonly waiting?: { readonly reason: string }
  readonly deliveries?: number
  readonly finishedAt?: string
}

const statusOf = async ({ namespace }: AtZero, { url }: ClusterGateway, id: string): Promise<Known> =>
  (await (await fetch(`${url}/${namespace}/test/requests/${id}`)).json()) as Known

const ended = (step: AtZero, gateway: ClusterGateway, id: string): Promise<Known> =>
  waitFor(
    async () => {
      const status = await statusOf(step, gateway, id)
      return status.finishedAt !== undefined && status
    },
    { what: 'the end of the request' }
  )

describe('a step at zero', () => {
  it('is started by its first caller, who is answered; goes back to zero, and comes again', async () => {
    await using step = await stepAtZero()
    const { namespace } = step
    const { phase, conditions } = await waitForPhase(namespace, 'test', 'Running', options)
    expect([phase, conditions[0].message]).toEqual(['Running', 'generation 1 serves'])
    await step.startKeda()
    expect(await (await post(step)).text()).toBe('done')
    await waitFor(() => isAtZero(namespace), { what: 'it to go back to zero' })
    await waitForStatus(
      namespace,
      'test',
      ({ phase: is, replicas, conditions: [ready] }) => is === 'Running' && replicas === 0 && ready.status === 'True',
      'Running at zero',
      options
    )
    expect((await post(step)).status).toBe(200)
  })

  it('answers 50 at once, with as many replicas as they need, each counted once', async () => {
    await using step = await stepAtZero({ run: { max: 20 } })
    const all = Promise.all(Array.from({ length: 50 }, () => post(step)))
    await untilPending(step, 50)
    const before = model.requests.length
    const keda = await step.startKeda()
    expect((await all).map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(model.requests.length - before).toBe(50)
    // 50 calls, of which a replica is to have 8.
    expect(keda.most).toBe(7)
    await untilPending(step, 0)
  })

  it('counts a caller who has hung up no more', async () => {
    await using step = await stepAtZero()
    const caller = new AbortController()
    const gone = fetch(`${step.gateway.url}/${step.namespace}/test`, {
      method: 'POST',
      body: '{}',
      signal: caller.signal
    }).catch(() => 'gone')
    const other = post(step)
    await untilPending(step, 2)
    caller.abort()
    expect(await gone).toBe('gone')
    await untilPending(step, 1)
    await step.startKeda()
    expect((await other).status).toBe(200)
  })

  it('tells a caller whose deadline ends that nothing of it runs', async () => {
    await using step = await stepAtZero({ spec: { deadline: 'PT1S' } })
    const late = await post(step)
    expect(late.status).toBe(504)
    expect(await late.json()).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      step: 'model',
      detail: 'step "model" was not called before the deadline of the request: no replica of it runs'
    })
    await untilPending(step, 0)
  })

  it('lets stored requests wait, who say so and go on', async () => {
    await using step = await stepAtZero()
    const id = await submit(step)
    const { waiting } = await waitFor(
      async () => {
        const status = await statusOf(step, step.gateway, id)
        return status.waiting !== undefined && status
      },
      { what: 'the wait' }
    )
    expect(waiting).toMatchObject({ reason: 'step' })
    await untilPending(step, 1)
    await step.startKeda()
    expect(await ended(step, step.gateway, id)).toMatchObject({ status: 'replied' })
  })

  it('is started by those who call a pipeline that nests it', async () => {
    await using step = await stepAtZero()
    const { namespace, gateway } = step
    await applyPipeline(namespace, 'outer', { steps: [{ name: 'inner', pipeline: 'test' }] }, options)
    await waitFor(async () => (await conditionsOf(gateway, `${namespace}/outer`))['Ready'] === 'True', {
      what: 'it to serve'
    })
    const called = gateway.post(`${namespace}/outer`, '{}')
    await untilPending(step, 1)
    await step.startKeda()
    expect((await called).status).toBe(200)
  })

  it('holds in all workers', async () => {
    await using step = await stepAtZero({ args: ['--workers', '2'] })
    const all = Promise.all(Array.from({ length: 10 }, () => post(step)))
    await untilPending(step, 10)
    await step.startKeda()
    expect((await all).map(({ status }) => status)).toEqual(Array(10).fill(200))
  })
})

describe('meanwhile', () => {
  it('a pause ends who waits for an answer, and puts back what is stored, which goes on after it', async () => {
    const lifecycle = { pauseGracePeriodSeconds: 1 }
    await using step = await stepAtZero({ spec: { lifecycle } })
    const id = await submit(step)
    const waits = post(step)
    await untilPending(step, 2)
    const set = (desiredPhase: string) =>
      applyPipeline(
        step.namespace,
        'test',
        {
          lifecycle: { ...lifecycle, desiredPhase },
          steps: [{ name: 'model', run: { image: 'model:1', idle: 'PT1S' } }]
        },
        options
      )
    await set('Paused')
    const answer = await waits
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'PAUSED'])
    await waitFor(async () => (await statusOf(step, step.gateway, id)).waiting?.reason === 'paused', {
      what: 'it to wait for the pause'
    })
    await set('Running')
    await step.startKeda()
    expect(await ended(step, step.gateway, id)).toMatchObject({ status: 'replied', deliveries: 1 })
  })

  it('a gateway that is killed loses nothing that is stored', async () => {
    await using folder = await createTempFolder()
    const store = ['--store', `sqlite:${folder.path}/sluice.db`]
    await using step = await stepAtZero({ args: store })
    const id = await submit(step)
    await waitFor(async () => (await statusOf(step, step.gateway, id)).waiting?.reason === 'step', { what: 'the wait' })
    step.gateway.process.kill('SIGKILL')
    await step.gateway.process.exit
    await using other = await startGateway(step.namespace, store)
    await step.startKeda(other)
    expect(await ended(step, other, id)).toMatchObject({ status: 'replied' })
  })

  it('an API server that is away leaves nobody waiting for a step that takes calls', async () => {
    await using step = await stepAtZero()
    const waits = post(step)
    await untilPending(step, 1)
    await plane.killApiServer()
    try {
      expect((await waits).status).toBe(200)
    } finally {
      await plane.startApiServer()
    }
  })
})
