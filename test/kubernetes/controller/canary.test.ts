import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, getObject, kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import { startClusterGateway, type ClusterGateway } from '../testbed/cluster-gateway.ts'
import type { ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { startPretendServices, type PretendServices } from '../testbed/pretend-services.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

let plane: ControlPlane
let options: KubectlOptions
let services: PretendServices
let gateway: ClusterGateway
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  plane = await openPodCluster(opened)
  options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  services = opened.use(await startPretendServices(plane.kubeconfig))
  gateway = opened.use(await startClusterGateway([], plane.kubeconfig, services.env))
  opened.use(await startControllerCli({ ...options, gatewayAdmin: gateway.adminUrl }))
})

afterAll(() => opened.disposeAsync())

const get = (namespace: string, what: string) => getObject(namespace, what, options)

const step = (run: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  name: 'model',
  run: { image: 'model:1', ...run },
  delivery: { retry: 0 },
  circuitBreaker: { enabled: false },
  ...more
})

const spec = (...args: Parameters<typeof step>) => ({ steps: [step(...args)] })

const canary = (image: string, more: Record<string, unknown> = {}) => ({ run: { image }, tag: 'new', ...more })

/** The image that has answered, or the status. */
async function ask(pipeline: string, headers: Record<string, string> = {}, body = '{}'): Promise<unknown> {
  const response = await gateway.post(pipeline, body, headers)
  const text = await response.text()
  return response.status === 200 ? JSON.parse(text) : response.status
}

const askNew = (pipeline: string, body?: string): Promise<unknown> => ask(pipeline, { 'sluice-tag': 'model=new' }, body)

const answers = (image: string, asked: () => Promise<unknown>): Promise<unknown> =>
  waitFor(async () => (await asked()) === image, { what: `an answer of ${image}` })

/** The names of what is deployed for entries of traffic. */
const canariesIn = (namespace: string): Promise<string> =>
  kubectlOk(['get', '-n', namespace, 'deployment,service,hpa', '-l', 'sluice.dev/canary', '-o', 'name'], options)

/** Calls without a pause until it is told to end; answers with all that it was answered. */
function load(pipeline: string): () => Promise<readonly unknown[]> {
  const end = new AbortController()
  const answered: unknown[] = []
  const calls = [1, 2].map(async () => {
    while (!end.signal.aborted) answered.push(await ask(pipeline))
  })
  return async () => {
    end.abort()
    await Promise.all(calls)
    return answered
  }
}

describe('a canary of an image', () => {
  it('is deployed beside its step with bounds of its own, gets its percent, and is picked by its tag', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const run = { min: 2, max: 4, env: { MODE: 'fast', SEED: '1' } }
    const traffic = [{ tag: 'new', percent: 10, run: { image: 'model:2', env: { SEED: '2' } } }]
    await applyPipeline(name, 'test', spec(run, { traffic }), options)
    await answers('model:2', () => askNew(`${name}/test`))
    const answered = await Promise.all(Array.from({ length: 100 }, () => ask(`${name}/test`)))
    expect(answered.filter(each => each === 'model:2')).toHaveLength(10)
    expect(answered.filter(each => each === 'model:1')).toHaveLength(90)
    const { items } = await get(name, 'deployment -l sluice.dev/tag=new')
    expect(items).toHaveLength(1)
    expect(items[0].metadata.ownerReferences).toMatchObject([{ kind: 'ServingPipeline', name: 'test' }])
    const [container] = items[0].spec.template.spec.containers
    expect(container.env.slice(0, 2)).toEqual([
      { name: 'MODE', value: 'fast' },
      { name: 'SEED', value: '2' }
    ])
    const scaler = await get(name, `hpa ${items[0].metadata.name}`)
    expect(scaler.spec).toMatchObject({ minReplicas: 1, maxReplicas: 4 })
    const status = await waitForStatus(
      name,
      'test',
      ({ steps }) => steps[0].traffic?.[0].calls >= 10,
      'the counts',
      options
    )
    expect(status.steps[0]).toMatchObject({ instances: { desired: 2 }, traffic: [{ tag: 'new', percent: 10 }, {}] })
  })

  it('is promoted under load without a failed call, and goes when no request of its definition is open', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const pipeline = `${name}/test`
    await applyPipeline(name, 'test', spec({}, { traffic: [canary('model:2', { percent: 50 })] }), options)
    await answers('model:2', () => askNew(pipeline))
    const end = load(pipeline)
    const flying = askNew(pipeline, '"hold"')
    await waitFor(() => services.held === 1, { what: 'a request at the canary' })
    await applyPipeline(name, 'test', spec({ image: 'model:2' }), options)
    await waitFor(async () => (await get(name, 'deployment test-model')).status.updatedReplicas === 1, {
      what: 'the new image of the step'
    })
    await waitForPhase(name, 'test', 'Running', options)
    await waitFor(
      async () => {
        const shown = `${gateway.adminUrl}/apis/sluice.dev/v1alpha1/namespaces/${name}/servingpipelines/test/status`
        const { generations } = (await (await fetch(shown)).json()) as { generations: { open: number }[] }
        return generations.length === 1 && generations[0]?.open === 1
      },
      { what: 'the one request of the older definition' }
    )
    expect(await canariesIn(name)).not.toBe('')
    services.release()
    expect(await flying).toBe('model:2')
    await waitFor(async () => (await canariesIn(name)) === '', { what: 'the canary to be gone' })
    const answered = await end()
    expect(new Set(answered)).toEqual(new Set(['model:1', 'model:2']))
  })

  it('that never gets ready has no calls and no rollout, and status says why', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const pipeline = `${name}/test`
    const traffic = [canary('broken:2', { percent: 60 })]
    await applyPipeline(name, 'test', spec({}, { traffic }), options)
    const { conditions } = await waitForPhase(name, 'test', 'Running', options)
    expect(conditions[0]).toMatchObject({
      status: 'True',
      message: expect.stringContaining('the entry "new" of step "model" has no calls until it is ready')
    })
    await answers('model:1', () => ask(pipeline))
    const answered = await Promise.all(Array.from({ length: 20 }, () => ask(pipeline)))
    expect(new Set(answered)).toEqual(new Set(['model:1']))
    expect(await askNew(pipeline)).toBe(503)
    const rollout = { tag: 'new', steps: [50, 100], every: '1s', minCalls: 1 }
    await applyPipeline(name, 'test', spec({}, { traffic: [canary('broken:2')], rollout }), options)
    const isTold = (status: { conditions: { type: string; message: string }[] }): boolean =>
      status.conditions.some(({ type, message }) => type === 'Rollout' && message.includes('until it is ready'))
    const waiting = await waitForStatus(name, 'test', isTold, 'the rollout to wait', options)
    expect(waiting.phase).toBe('Running')
    expect(await ask(pipeline)).toBe('model:1')
  })

  it('is rolled out by itself, and goes to 0 when the next one is worse', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const rollout = { tag: 'new', steps: [50, 100], every: '1s', minCalls: 5 }
    await applyPipeline(name, 'test', spec({}, { traffic: [canary('model:2')], rollout }), options)
    await answers('model:1', () => ask(`${name}/test`))
    const end = load(`${name}/test`)
    const until = (reason: string) => {
      const isSo = (status: { conditions: { type: string; reason: string }[] }): boolean =>
        status.conditions.some(condition => condition.type === 'Rollout' && condition.reason === reason)
      return waitForStatus(name, 'test', isSo, `the rollout to be ${reason}`, options)
    }
    await until('Completed')
    expect(await ask(`${name}/test`)).toBe('model:2')
    await applyPipeline(name, 'test', spec({}, { traffic: [canary('failing:3')], rollout }), options)
    await until('Aborted')
    const last = await waitForPhase(name, 'test', 'Running', options)
    expect(last.conditions[0].status).toBe('True')
    expect(await ask(`${name}/test`)).toBe('model:1')
    expect(await askNew(`${name}/test`)).toBe(502)
    expect(new Set(await end())).toEqual(new Set(['model:1', 'model:2', 502]))
  })

  it('goes to zero in a pause, comes back, and goes with its pipeline', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const traffic = [canary('model:2', { percent: 0 })]
    const paused = (desiredPhase: string) => ({ lifecycle: { desiredPhase }, ...spec({}, { traffic }) })
    await applyPipeline(name, 'test', paused('Running'), options)
    await answers('model:2', () => askNew(`${name}/test`))
    await applyPipeline(name, 'test', paused('Paused'), options)
    expect(await waitForPhase(name, 'test', 'Paused', options)).toMatchObject({ replicas: 0 })
    const { items } = await get(name, 'deployment -l sluice.dev/tag=new')
    expect([items[0].spec.replicas, items[0].metadata.annotations['sluice.dev/desired-phase']]).toEqual([0, 'Paused'])
    await applyPipeline(name, 'test', paused('Running'), options)
    await answers('model:2', () => askNew(`${name}/test`))
    await kubectlOk(['delete', '-n', name, 'sp', 'test', '--timeout=120s'], options)
    expect(await canariesIn(name)).toBe('')
  })
})
