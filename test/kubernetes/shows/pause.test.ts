import { expect, it } from 'vitest'
import { startStep } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { kubectl, kubectlOk } from '../testbed/cluster.ts'
import { startClusterGateway } from '../testbed/cluster-gateway.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

it.each([
  { form: 'one process', args: [] },
  { form: 'two workers', args: ['--workers', '2'] }
])(
  'pauses and deletes a pipeline under load, with $form: children go after the drain, and nothing is lost',
  async ({ args }) => {
    await using opened = new AsyncDisposableStack()
    const plane = await openPodCluster(opened)
    const options = { kubeconfig: plane.kubeconfig }
    await installCrds(plane.kubeconfig)
    let gate = Promise.withResolvers<void>()
    await using slow = await startStep(async () => {
      await gate.promise
      return { headers: { 'content-type': 'application/json' }, body: '"done"' }
    })
    await using gateway = await startClusterGateway(args, plane.kubeconfig)
    opened.use(await startControllerCli({ ...options, gatewayAdmin: gateway.adminUrl }))
    // However slow the machine is, no time is over before the test has seen what it waits for.
    const spec = (desiredPhase: string) => ({
      lifecycle: { desiredPhase, pauseGracePeriodSeconds: 300 },
      deadline: 'PT5M',
      delivery: { timeout: 'PT5M' },
      steps: [
        { name: 'slow', uri: slow.url },
        { name: 'model', when: 'false', run: { image: 'model:1', min: 2, max: 2 } }
      ]
    })
    const replicas = async () =>
      Number((await kubectl(['get', 'deployment', 'test-model', '-o', 'jsonpath={.spec.replicas}'], options)).stdout)
    await applyPipeline('default', 'test', spec('Running'), options)
    await waitForPhase('default', 'test', 'Running', options)
    await waitFor(async () => (await (await fetch(gateway.url)).text()).includes('test'), { what: 'it to be served' })
    const flying = gateway.post('default/test')
    await slow.waitForRequests(1)
    await applyPipeline('default', 'test', spec('Paused'), options)
    await waitForStatus(
      'default',
      'test',
      ({ phase, inFlight }) => phase === 'Pausing' && inFlight === 1,
      'Pausing',
      options
    )
    expect(await replicas()).toBe(2)
    const held = await gateway.post('default/test', '{}', { prefer: 'respond-async' })
    expect(held.status).toBe(202)
    expect((await gateway.post('default/test')).status).toBe(503)
    gate.resolve()
    expect((await flying).status).toBe(200)
    const paused = await waitForPhase('default', 'test', 'Paused', options)
    expect(paused.drainedOnPause).toBe(true)
    expect(await replicas()).toBe(0)
    await applyPipeline('default', 'test', spec('Running'), options)
    await waitForPhase('default', 'test', 'Running', options)
    const location = held.headers.get('location') ?? ''
    await waitFor(async () => (await fetch(`${gateway.url}${location}/reply`)).status === 200, {
      what: 'the held request'
    })
    gate = Promise.withResolvers<void>()
    const last = gateway.post('default/test')
    await slow.waitForRequests(3)
    const deleting = kubectlOk(['delete', 'sp', 'test', '--timeout=120s'], options)
    await waitForPhase('default', 'test', 'Deleting', options)
    await waitFor(async () => (await gateway.post('default/test')).status === 404, {
      what: 'nothing more to be let in'
    })
    gate.resolve()
    expect((await last).status).toBe(200)
    await deleting
    const children = ['get', 'deployment,service', '-l', 'sluice.dev/step', '-o', 'name']
    expect(await kubectlOk(children, options)).toBe('')
  }
)
