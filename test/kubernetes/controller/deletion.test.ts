import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startController } from '../../../src/kubernetes/controller/controller.ts'
import { ControllerMetrics } from '../../../src/kubernetes/controller/controller-metrics.ts'
import { silentLog } from '../../helpers/silent-log.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { clientOf, createNamespace, kubectl, kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import { kubeconfigText, nobodyToken, startControlPlane, type ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, readPipeline, waitForStatus } from '../testbed/pipelines.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

/* A control plane of its own: one without a garbage collector. */

let plane: ControlPlane
let options: KubectlOptions
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  plane = opened.use(await startControlPlane(inject('programs').kube))
  options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
})

afterAll(() => opened.disposeAsync())

const model = { steps: [{ name: 'model', run: { image: 'model:1', max: 3 } }] }
const kinds = 'deployment,service,hpa'

async function childrenIn(namespace: string): Promise<readonly string[]> {
  const names = await kubectlOk(['get', '-n', namespace, kinds, '-o', 'name'], options)
  return names.split('\n').filter(name => name !== '')
}

/** Once all of them are made. */
async function apply(namespace: string): Promise<void> {
  await applyPipeline(namespace, 'test', model, options)
  await waitFor(async () => (await childrenIn(namespace)).length === 3, { what: 'the children' })
}

const remove = (namespace: string, ...flags: string[]) =>
  kubectlOk(['delete', '-n', namespace, 'sp', 'test', ...flags], options)

describe('a deleted pipeline takes its children with it', () => {
  it('before it is gone itself', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ ...options, namespace: name }))
    await apply(name)
    await remove(name, '--timeout=120s')
    expect(await childrenIn(name)).toEqual([])
  })

  it('also when the controller was away, and a Service whose Deployment somebody has removed', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    {
      await using opened = new AsyncDisposableStack()
      opened.use(await startControllerCli({ ...options, namespace: name }))
      await apply(name)
    }
    await remove(name, '--wait=false')
    await kubectlOk(['delete', '-n', name, 'deployment', 'test-model'], options)
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ ...options, namespace: name }))
    await waitFor(async () => (await readPipeline(name, 'test', options)) === undefined, { what: 'it to be gone' })
    expect(await childrenIn(name)).toEqual([])
  })

  it('and nothing that is not its own, whatever its labels say', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ ...options, namespace: name }))
    await apply(name)
    await kubectlOk(['create', 'service', 'clusterip', 'other', '-n', name, '--tcp=80'], options)
    const labels = ['app.kubernetes.io/managed-by=sluice', 'sluice.dev/pipeline=test', 'sluice.dev/step=model']
    await kubectlOk(['label', '-n', name, 'service', 'other', '--overwrite', ...labels], options)
    await remove(name, '--timeout=120s')
    expect(await childrenIn(name)).toEqual(['service/other'])
  })

  it('unless a person wants to keep them', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ ...options, namespace: name }))
    await apply(name)
    await remove(name, '--cascade=orphan', '--wait=false')
    const finalizers = ['get', '-n', name, 'sp', 'test', '-o', 'jsonpath={.metadata.finalizers}']
    await waitFor(async () => (await kubectlOk(finalizers, options)) === '["orphan"]', { what: 'the drain' })
    expect(await childrenIn(name)).toHaveLength(3)
  })

  it('and leaves the finalizers of others, who take their time', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ ...options, namespace: name }))
    await apply(name)
    const patch = (finalizers: string) =>
      kubectlOk(['patch', '-n', name, 'sp', 'test', '--type=json', '-p', finalizers], options)
    await patch('[{"op":"add","path":"/metadata/finalizers/-","value":"example.com/mine"}]')
    await remove(name, '--wait=false')
    const finalizers = ['get', '-n', name, 'sp', 'test', '-o', 'jsonpath={.metadata.finalizers}']
    await waitFor(async () => (await kubectlOk(finalizers, options)) === '["example.com/mine"]', { what: 'the drain' })
    expect(await childrenIn(name)).toEqual([])
    await patch('[{"op":"remove","path":"/metadata/finalizers"}]')
    expect(await readPipeline(name, 'test', options)).toBeUndefined()
  })

  it('leaves them to the garbage collector when their removal is refused for long, and says so', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const kubeconfig = join(plane.folder, 'nobody')
    await writeFile(kubeconfig, kubeconfigText(plane.url, { token: nobodyToken }))
    const all = ['--verb=*', '--resource=services,leases.coordination.k8s.io,events']
    await kubectlOk(['create', 'role', 'most', '-n', name, ...all], options)
    await kubectlOk(['create', 'role', 'pipelines', '-n', name, '--verb=*', `--resource=${sluice}`], options)
    await kubectlOk(['create', 'role', 'make', '-n', name, `--verb=${make}`, `--resource=${deployed}`], options)
    for (const role of ['most', 'pipelines', 'make']) {
      await kubectlOk(['create', 'rolebinding', role, '-n', name, `--role=${role}`, '--user=nobody'], options)
    }
    await using client = clientOf(kubeconfig)
    const start = (removeMs: number) =>
      startController({
        client,
        namespace: name,
        gatewayUrl: 'http://gateway.example',
        gatewayAdmin: 'http://127.0.0.1:1',
        adminToken: undefined,
        prometheusUrl: undefined,
        metrics: new ControllerMetrics(),
        log: silentLog,
        removeMs
      })
    const refusal = /deployments\.apps "test-model" is forbidden: User "nobody" cannot delete/
    {
      await using opened = new AsyncDisposableStack()
      opened.use(await start(600_000))
      await apply(name)
      await remove(name, '--wait=false')
      await waitForStatus(
        name,
        'test',
        ({ conditions }) => refusal.test(conditions[0].message),
        'the refusal to be told',
        options
      )
    }
    await using opened = new AsyncDisposableStack()
    opened.use(await start(0))
    await waitFor(async () => (await readPipeline(name, 'test', options)) === undefined, { what: 'it to be gone' })
    expect(await childrenIn(name)).toEqual([
      'deployment.apps/test-model',
      'horizontalpodautoscaler.autoscaling/test-model'
    ])
    const events = [
      'get',
      'events',
      '-n',
      name,
      '--field-selector=reason=NotRemoved',
      '-o',
      'jsonpath={.items[*].message}'
    ]
    expect((await kubectl(events, options)).stdout).toMatch(refusal)
  })
})

const sluice = ['servingpipelines', 'pipelines']
  .flatMap(each => ['', '/status', '/finalizers'].map(part => `${each}.sluice.dev${part}`))
  .join()
const deployed = 'deployments.apps,deployments.apps/scale,horizontalpodautoscalers.autoscaling'
const make = 'get,list,watch,create,patch'
