import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startStep, type StepServer } from '../../helpers/step-server.ts'
import { startFairClock } from '../../helpers/fair-clock.ts'
import type { RunningProcess } from '../../helpers/process.ts'
import type { KubectlOptions } from '../testbed/cluster.ts'
import {
  answers as allAnswer,
  killWorker,
  startClusterGateway,
  type ClusterGateway
} from '../testbed/cluster-gateway.ts'
import { startControlPlane, type ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, readPipeline, waitForStatus } from '../testbed/pipelines.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })

const opened = new AsyncDisposableStack()
let plane: ControlPlane
let options: KubectlOptions
let gateway: ClusterGateway
let withWorkers: ClusterGateway
let controller: RunningProcess
let steps: readonly StepServer[]

beforeAll(async () => {
  plane = opened.use(await startControlPlane(inject('programs').kube))
  options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  steps = [opened.use(await startStep(says('zero'))), opened.use(await startStep(says('one')))]
  gateway = opened.use(await startClusterGateway([], plane.kubeconfig))
  withWorkers = opened.use(await startClusterGateway(['--workers', '2'], plane.kubeconfig))
  controller = opened.use(await startControllerCli({ ...options, gatewayAdmin: gateway.adminUrl }))
  await edit(0)
  await answers(0)
})

afterAll(() => opened.disposeAsync())

const edit = (which: number) => applyPipeline('default', 'test', { steps: [{ uri: steps[which]?.url }] }, options)

async function answers(which: number): Promise<void> {
  for (const each of [gateway, withWorkers]) await allAnswer(each, 'default/test', ['zero', 'one'][which] ?? '')
}

/** Calls the pipeline again and again meanwhile; answers how many calls there were, and those that failed. */
async function underLoad(act: () => Promise<void>): Promise<{ readonly calls: number; readonly failed: number }> {
  const told = { calls: 0, failed: 0, over: false }
  const load = (async () => {
    while (!told.over) {
      for (const each of [gateway, withWorkers]) {
        const answer = await each.post('default/test').catch(() => undefined)
        told.calls++
        if (answer?.status !== 200) told.failed++
        await answer?.text()
      }
      await delay(10)
    }
  })()
  await act()
  told.over = true
  await load
  return told
}

/** An edit is served, and in status, within ten seconds. */
async function isRightAgain(which: number): Promise<void> {
  const clock = startFairClock(gateway.process.pid, withWorkers.process.pid, controller.pid, ...plane.pids)
  await edit(which)
  await answers(which)
  const generation = (await readPipeline('default', 'test', options))?.metadata.generation
  await waitForStatus(
    'default',
    'test',
    ({ observedGeneration }) => observedGeneration === generation,
    'the status',
    options
  )
  expect(clock.elapsed()).toBeLessThan(10_000)
}

describe('while the API server is away', () => {
  it('killed: no request fails, and all is right again soon after', async () => {
    const { calls, failed } = await underLoad(async () => {
      await plane.killApiServer()
      await delay(5_000)
      await plane.compact()
      await plane.startApiServer()
      await isRightAgain(1)
    })
    expect(calls).toBeGreaterThan(50)
    expect(failed).toBe(0)
  })

  it('a worker that is started meanwhile serves all the same', async () => {
    await plane.killApiServer()
    await killWorker(withWorkers, 1)
    await allAnswer(withWorkers, 'default/test', 'one')
    await plane.startApiServer()
    await isRightAgain(1)
  })

  it('asked to end, with watches open: the same', async () => {
    const { failed } = await underLoad(async () => {
      plane.signalApiServer('SIGTERM')
      await delay(2_000)
      await plane.killApiServer()
      await plane.startApiServer()
      await isRightAgain(0)
    })
    expect(failed).toBe(0)
  })

  it('stopped for a minute: the same', async () => {
    const { failed } = await underLoad(async () => {
      plane.signalApiServer('SIGSTOP')
      await delay(60_000)
      plane.signalApiServer('SIGCONT')
      await isRightAgain(1)
    })
    expect(failed).toBe(0)
  }, 200_000)
})
