import { expect, it } from 'vitest'
import { waitFor } from '../../helpers/wait-for.ts'
import { kubectlOk } from '../testbed/cluster.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

const model = (image: string) => ({ steps: [{ name: 'model', run: { image, max: 1 } }] })

it('goes on with the other controller when the leader is killed in the middle of a rollout, and does nothing twice', async () => {
  await using opened = new AsyncDisposableStack()
  const plane = await openPodCluster(opened)
  const options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  await using first = await startControllerCli(options)
  await first.waitForLine(/"msg":"leads"/)
  await using second = await startControllerCli(options)
  await applyPipeline('default', 'test', model('model:1'), options)
  await waitForPhase('default', 'test', 'Running', options)
  await applyPipeline('default', 'test', model('broken:2'), options)
  await waitForPhase('default', 'test', 'RollingUpdate', options)
  expect(second.output.stderr).not.toMatch(/"msg":"leads"/)
  first.kill('SIGKILL')
  await first.exit
  await second.waitForLine(/"msg":"leads"/)
  await applyPipeline('default', 'test', model('model:3'), options)
  await waitForPhase('default', 'test', 'Running', options)
  const sets = await waitFor(
    async () => {
      const all = JSON.parse(await kubectlOk(['get', 'replicasets', '-o', 'json'], options)).items
      return all.length === 3 && all
    },
    { what: 'one ReplicaSet for each image' }
  )
  expect(sets).toHaveLength(3)
  const events = await kubectlOk(
    ['get', 'events', '--field-selector=involvedObject.kind=ServingPipeline', '-o', 'jsonpath={.items[*].reason}'],
    options
  )
  const told = Object.fromEntries(
    ['Running', 'RollingUpdate'].map(word => [word, events.split(' ').filter(each => each === word).length])
  )
  expect(told).toEqual({ Running: 2, RollingUpdate: 1 })
  const lease = JSON.parse(
    await kubectlOk(['get', 'lease', '-n', 'default', 'sluice-controller', '-o', 'json'], options)
  )
  expect(lease.spec.leaseTransitions).toBe(2)
})
