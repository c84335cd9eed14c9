import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
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
/** Served and called before anything is measured: what a gateway loads for the first ones is no part of the others. */
const warm = 50
/**
 * For each pipeline, in bytes. A quiet machine shows 14 to 25 kB; beside other tests V8 keeps more room for a while, and
 * this bound is for what grows with the pipelines.
 */
const most = 60_000

const MiB = 2 ** 20

const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })

/** Resident, in bytes. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

/** Resident, in bytes, as soon as the process gives nothing back any more: for 25 looks that are a second apart. */
async function settledMemory(pid: number): Promise<number> {
  let least = Infinity
  for (let looks = 0; looks < 25; looks++) {
    const now = memoryOf(pid)
    if (now < least - MiB) looks = 0
    least = Math.min(least, now)
    await delay(1_000)
  }
  return least
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
  const create = (name: string) =>
    client.call('POST', '/apis/sluice.dev/v1alpha1/namespaces/default/servingpipelines', {
      body: {
        apiVersion: 'sluice.dev/v1alpha1',
        kind: 'ServingPipeline',
        metadata: { name },
        spec: {
          steps: [
            { name: 'one', uri: one.url },
            { name: 'two', uri: `${one.url}/two` }
          ]
        }
      }
    })
  const createAll = async (prefix: string, total: number): Promise<void> => {
    for (let i = 0; i < total; i += 20) {
      const some = Array.from({ length: Math.min(20, total - i) }, (_, k) => `${prefix}-${i + k}`)
      await Promise.all(some.map(create))
    }
  }
  const written = async () => {
    const metrics = await (await fetch(`${controllerAdmin}/metrics`)).text()
    return Number(/^sluice_controller_status_writes_total (\d+)/m.exec(metrics)?.[1])
  }
  const allRun = (total: number) =>
    waitFor(
      async () => {
        const running = await kubectlOk(['get', 'sp', '--field-selector=status.phase=Running', '-o', 'name'], options)
        return running.split('\n').length > total
      },
      { what: 'all to be Running', timeoutMs: 600_000 }
    )
  const callAll = async (prefix: string, total: number): Promise<void> => {
    for (let i = 0; i < total; i += 50) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, k) => gateway.post(`default/${prefix}-${i + k}`))
      )
      expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
      await Promise.all(answers.map(answer => answer.text()))
    }
  }
  const { pid } = gateway.process
  await createAll('warm', warm)
  await allRun(warm)
  for (let i = 0; i < count / warm; i++) await callAll('warm', warm)
  const before = await settledMemory(pid)
  const writtenBefore = await written()
  const startedAt = performance.now()
  const clock = startFairClock(pid, controller.pid, ...plane.pids)
  await createAll('test', count)
  await allRun(warm + count)
  const readyMs = performance.now() - startedAt
  const fairMs = clock.elapsed()
  const atOnce = (memoryOf(pid) - before) / count
  const resident = ((await settledMemory(pid)) - before) / count
  await callAll('test', count)
  // Printed alone: what a call leaves are its stages, its series, and code and connections of the process.
  const called = ((await settledMemory(pid)) - before) / count
  const writes = (await written()) - writtenBefore
  await applyPipeline('default', 'test-7', { steps: [{ uri: two.url }] }, options)
  const editClock = startFairClock(pid, controller.pid, ...plane.pids)
  await waitFor(async () => (await (await gateway.post('default/test-7')).text()) === '"two"', { what: 'the edit' })
  const editMs = editClock.elapsed()
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
  console.log(
    `1,000 pipelines: Running after ${Math.round(readyMs)} ms (${Math.round(fairMs)} ms without those that others had the ` +
      `processors), ${writes} writes of status, ${kB(resident)} each (${kB(atOnce)} at once), ${kB(called)} when each was ` +
      `called, an edit after ${Math.round(editMs)} ms`
  )
  expect(writes).toBeLessThanOrEqual(2 * count)
  expect(fairMs).toBeLessThan(60_000)
  expect(editMs).toBeLessThan(1_000)
  expect(resident).toBeLessThan(most)
}, 1_800_000)
