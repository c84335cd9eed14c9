import { readFileSync } from 'node:fs'
import { expect, inject, it } from 'vitest'
import { startFairClock } from '../../helpers/fair-clock.ts'
import { startStep } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { clientOf, kubectlOk } from '../testbed/cluster.ts'
import { startClusterGateway } from '../testbed/cluster-gateway.ts'
import { startControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline } from '../testbed/pipelines.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

const count = 1000

const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })

/** Resident, in bytes. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

it('takes a thousand pipelines at once', async () => {
  await using plane = await startControlPlane(inject('programs').kube)
  const options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  await using one = await startStep(says('one'))
  await using two = await startStep(says('two'))
  await using gateway = await startClusterGateway([], plane.kubeconfig)
  await using controller = await startControllerCli({
    ...options,
    gatewayUrl: gateway.url,
    gatewayAdmin: gateway.adminUrl
  })
  const [, controllerAdmin = ''] = await controller.waitForLine(/admin (http\S+?),/)
  await using client = clientOf(plane.kubeconfig)
  const before = memoryOf(gateway.process.pid)
  const startedAt = performance.now()
  const clock = startFairClock(gateway.process.pid, controller.pid, ...plane.pids)
  const create = (i: number) =>
    client.call('POST', '/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines', {
      body: {
        apiVersion: 'sluice.dev/v1alpha1',
        kind: 'ServingPipeline',
        metadata: { name: `test-${i}` },
        spec: {
          steps: [
            { name: 'one', uri: one.url },
            { name: 'two', uri: `${one.url}/two` }
          ]
        }
      }
    })
  for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => create(i + k)))
  const written = async () => {
    const metrics = await (await fetch(`${controllerAdmin}/metrics`)).text()
    return Number(/^sluice_controller_status_writes_total (\d+)/m.exec(metrics)?.[1])
  }
  await waitFor(async () => (await written()) >= count, { what: 'each to have a status', timeoutMs: 200_000 })
  await waitFor(
    async () => {
      const running = await kubectlOk(['get', 'sp', '--field-selector=status.phase=Running', '-o', 'name'], options)
      return running.split('\n').length > count
    },
    { what: 'all to be Running' }
  )
  const readyMs = performance.now() - startedAt
  const fairMs = clock.elapsed()
  const resident = (memoryOf(gateway.process.pid) - before) / count
  for (let i = 0; i < count; i += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, k) => gateway.post(`default/test-${i + k}`)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    await Promise.all(answers.map(answer => answer.text()))
  }
  const called = (memoryOf(gateway.process.pid) - before) / count
  const writes = await written()
  await applyPipeline('default', 'test-7', { steps: [{ uri: two.url }] }, options)
  const editing = startFairClock(gateway.process.pid, controller.pid, ...plane.pids)
  await waitFor(async () => (await (await gateway.post('default/test-7')).text()) === '"two"', { what: 'the edit' })
  const editMs = editing.elapsed()
  const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`
  console.log(
    `1,000 pipelines: Running after ${Math.round(readyMs)} ms (${Math.round(fairMs)} ms without those that others had the ` +
      `processors), ${writes} writes of status, ${kib(resident)} each, ${kib(called)} when each was called, an edit after ${Math.round(editMs)} ms`
  )
  expect(writes).toBeLessThanOrEqual(2 * count)
  expect(fairMs).toBeLessThan(60_000)
  expect(editMs).toBeLessThan(1_000)
}, 300_000)
