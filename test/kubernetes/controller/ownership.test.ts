import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { createNamespace, getObject, kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import type { ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, readPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds, pipelineDocument } from '../testbed/sluice-crds.ts'

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
const run = (name: string, ...args: string[]) => kubectlOk([...args, '-n', name], options)

const stepOf = (name: string, more: Record<string, unknown> = {}) => ({
  steps: [{ name, run: { image: 'model:1', ...more } }]
})

/** Without what every update of status changes. */
async function facts(namespace: string, what: string) {
  const { metadata, spec } = await get(namespace, what)
  const { uid, generation, labels, ownerReferences } = metadata
  return { uid, generation, labels, ownerReferences, spec }
}

const childrenFacts = (namespace: string, child: string) =>
  Promise.all(['deployment', 'service', 'hpa'].map(kind => facts(namespace, `${kind} ${child}`)))

async function applied(namespace: string, pipeline: string, spec: Record<string, unknown>): Promise<void> {
  await applyPipeline(namespace, pipeline, spec, options)
  await waitForPhase(namespace, pipeline, 'Running', options)
}

// oxlint-disable-next-line typescript/no-explicit-any -- written by another process, read as it is
const saysTaken = (said: RegExp) => (status: any) =>
  status.phase === 'Pending' &&
  status.conditions[0].status === 'False' &&
  status.conditions[0].reason === 'NameTaken' &&
  said.test(status.conditions[0].message)

describe('the controller takes over nothing that it did not make for this pipeline', () => {
  it('a Deployment of a person stays as it is, status says so, and it outlives the pipeline', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await run(name, 'create', 'deployment', 'mood-sentiment', '--image=mine:1')
    await waitFor(async () => (await get(name, 'deployment mood-sentiment')).status.readyReplicas === 1, { what: 'it' })
    const before = await facts(name, 'deployment mood-sentiment')
    await applyPipeline(name, 'mood', stepOf('sentiment', { min: 2, max: 4 }), options)
    await waitForStatus(
      name,
      'mood',
      saysTaken(/^the Deployment mood-sentiment .*was not made by Sluice/),
      'it to be told',
      options
    )
    expect(await facts(name, 'deployment mood-sentiment')).toEqual(before)
    // Nothing that would scale it, or lead to it.
    expect((await get(name, 'service,hpa')).items).toEqual([])
    await run(name, 'delete', 'sp', 'mood', '--timeout=120s')
    expect(await facts(name, 'deployment mood-sentiment')).toEqual(before)
  })

  it('a Service of a person stays as it is, and the step is made when it is gone', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await run(name, 'create', 'service', 'clusterip', 'mood-sentiment', '--tcp=80')
    const before = await facts(name, 'service mood-sentiment')
    await applyPipeline(name, 'mood', stepOf('sentiment'), options)
    await waitForStatus(name, 'mood', saysTaken(/^the Service mood-sentiment /), 'it to be told', options)
    expect(await facts(name, 'service mood-sentiment')).toEqual(before)
    // No replica runs for nobody.
    expect((await get(name, 'deployment')).items).toEqual([])
    await run(name, 'delete', 'service', 'mood-sentiment')
    await waitForPhase(name, 'mood', 'Running', options)
    expect((await get(name, 'service mood-sentiment')).metadata.ownerReferences).toMatchObject([{ name: 'mood' }])
  })

  it('of two pipelines that want one name the first keeps it, until it goes', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applied(name, 'a', stepOf('b-c', { min: 2, max: 4 }))
    const before = await childrenFacts(name, 'a-b-c')
    await applyPipeline(name, 'a-b', { ...stepOf('c', { image: 'model:2', min: 1, max: 8 }) }, options)
    const said = /^the Deployment a-b-c belongs to the ServingPipeline a[,:]/
    const status = await waitForStatus(name, 'a-b', saysTaken(said), 'it to be told', options)
    expect(status).toMatchObject({ replicas: 0, steps: [{ instances: { desired: 0, ready: 0 } }] })
    expect(await childrenFacts(name, 'a-b-c')).toEqual(before)
    expect((await readPipeline(name, 'a', options))?.status.phase).toBe('Running')
    // A pause of the loser stops nothing either.
    const paused = { ...stepOf('c'), lifecycle: { desiredPhase: 'Paused' } }
    await applyPipeline(name, 'a-b', paused, options)
    await waitForPhase(name, 'a-b', 'Paused', options)
    await applyPipeline(name, 'a-b', stepOf('c', { image: 'model:2' }), options)
    await waitForStatus(name, 'a-b', saysTaken(said), 'it to be told again', options)
    expect(await childrenFacts(name, 'a-b-c')).toEqual(before)
    await run(name, 'delete', 'sp', 'a', '--timeout=120s')
    await waitForPhase(name, 'a-b', 'Running', options)
    const { metadata, spec } = await get(name, 'deployment a-b-c')
    expect(metadata.ownerReferences).toMatchObject([{ name: 'a-b' }])
    expect(spec.template.spec.containers[0].image).toBe('model:2')
  })

  it('of two that come at once one has it, whole', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await Promise.all([
      applyPipeline(name, 'a', stepOf('b-c', { min: 2, max: 4 }), options),
      applyPipeline(name, 'a-b', stepOf('c', { min: 2, max: 4 }), options)
    ])
    const shown = async () => Promise.all(['a', 'a-b'].map(each => readPipeline(name, each, options)))
    await waitFor(
      async () => {
        const phases = (await shown()).map(each => each?.status?.phase)
        return phases.includes('Running') && phases.includes('Pending')
      },
      { what: 'one that runs' }
    )
    const winner = (await shown())[0]?.status.phase === 'Running' ? 'a' : 'a-b'
    for (const kind of ['deployment', 'service', 'hpa']) {
      expect((await get(name, `${kind} a-b-c`)).metadata.ownerReferences).toMatchObject([{ name: winner }])
    }
  })
})

describe('the controller takes up again', () => {
  it('what was kept when its pipeline was deleted, without a stop', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    await applied(name, 'mood', stepOf('sentiment', { min: 2, max: 4 }))
    const before = await childrenFacts(name, 'mood-sentiment')
    await run(name, 'delete', 'sp', 'mood', '--cascade=orphan', '--timeout=120s')
    const kept = await childrenFacts(name, 'mood-sentiment')
    expect(kept.map(({ ownerReferences }) => ownerReferences)).toEqual(kept.map(() => undefined))
    await applied(name, 'mood', stepOf('sentiment', { min: 2, max: 4 }))
    const after = await childrenFacts(name, 'mood-sentiment')
    expect(after.map(({ uid, generation }) => [uid, generation])).toEqual(
      before.map(({ uid, generation }) => [uid, generation])
    )
    const { uid } = (await get(name, 'sp mood')).metadata
    for (const { ownerReferences } of after) expect(ownerReferences).toMatchObject([{ name: 'mood', uid }])
    await run(name, 'delete', 'sp', 'mood', '--timeout=120s')
    await waitFor(async () => (await get(name, 'deployment,service,hpa')).items.length === 0, {
      what: 'them to be gone'
    })
  })

  it('what the Pipeline of its name has, and the Pipeline what the ServingPipeline had', async () => {
    await using namespace = await createNamespace(plane.kubeconfig)
    const { name } = namespace
    const spec = { ...stepOf('sentiment'), sinks: [{ name: 'kept', log: {} }] }
    const stdin = pipelineDocument('mood', spec).replace('ServingPipeline', 'Pipeline')
    await kubectlOk(['apply', '-n', name, '-f', '-'], { ...options, stdin })
    const workloads = ['deployment mood-sentiment', 'service mood-sentiment']
    const owners = async () => {
      const objects = await Promise.all(workloads.map(what => get(name, what)))
      return objects.map(object => object?.metadata.ownerReferences?.[0].kind)
    }
    const areOf = (kind: string) =>
      waitFor(async () => (await owners()).every(each => each === kind), { what: `them to be of the ${kind}` })
    await areOf('Pipeline')
    const before = await Promise.all(workloads.map(what => facts(name, what)))
    await applyPipeline(name, 'mood', stepOf('sentiment'), options)
    await areOf('ServingPipeline')
    await waitForPhase(name, 'mood', 'Running', options)
    const after = await Promise.all(workloads.map(what => facts(name, what)))
    expect(after.map(({ uid, generation }) => [uid, generation])).toEqual(
      before.map(({ uid, generation }) => [uid, generation])
    )
    await run(name, 'delete', 'sp', 'mood', '--timeout=120s')
    await areOf('Pipeline')
  })
})
