import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { startFairClock } from '../../helpers/fair-clock.ts'
import type { RunningProcess } from '../../helpers/process.ts'
import { startStep, type RecordedRequest, type StepServer } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { startBusyProxy, type BusyProxy } from '../testbed/busy-proxy.ts'
import { createNamespace, kubectlOk } from '../testbed/cluster.ts'
import { startClusterGateway, type ClusterGateway } from '../testbed/cluster-gateway.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, readPipeline, waitForStatus } from '../testbed/pipelines.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

/** Long enough for several attempts of everybody. */
const busyMs = 8_000
const patience = { timeoutMs: 90_000 }

const opened = new AsyncDisposableStack()
let proxy: BusyProxy
let namespace: string
let gateway: ClusterGateway
let controller: RunningProcess
let step: StepServer

const told = ({ headers, url }: RecordedRequest) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify([url, headers['x-key'], String(headers['authorization']).slice(0, 7)])
})

beforeAll(async () => {
  await installCrds()
  namespace = opened.use(await createNamespace()).name
  proxy = opened.use(await startBusyProxy(inject('cluster')))
  step = opened.use(await startStep(told))
  await kubectlOk(['create', 'secret', 'generic', 'model', '-n', namespace, '--from-literal=key=first'])
  gateway = opened.use(await startClusterGateway(['--namespace', namespace], proxy.kubeconfig))
  const { kubeconfig } = proxy
  controller = opened.use(await startControllerCli({ namespace, kubeconfig, gatewayAdmin: gateway.adminUrl }))
  await edit('/before')
  await answers('/before', 'first')
})

afterAll(() => opened.disposeAsync())

/** At the API server itself, as everybody else does. */
const edit = (path: string) =>
  applyPipeline(namespace, 'test', {
    steps: [
      {
        uri: `${step.url}${path}`,
        audience: 'https://model',
        headers: { 'x-key': { secretKeyRef: { name: 'model', key: 'key' } } }
      }
    ]
  })

const answers = (path: string, key: string) =>
  waitFor(
    async () => (await (await gateway.post(`${namespace}/test`)).text()) === JSON.stringify([path, key, 'Bearer ']),
    { what: `the answer of ${path} with ${key}`, ...patience }
  )

/** Calls the pipeline again and again meanwhile; answers how many calls failed. */
async function failuresDuring(act: () => Promise<void>): Promise<number> {
  const state = { failed: 0, over: false }
  const load = (async () => {
    while (!state.over) {
      const answer = await gateway.post(`${namespace}/test`).catch(() => undefined)
      if (answer?.status !== 200) state.failed++
      await answer?.text()
      await delay(10)
    }
  })()
  try {
    await act()
  } finally {
    state.over = true
    await load
  }
  return state.failed
}

it.each([
  ['without a word on when to come again', undefined],
  ['that wants to be left alone for a second', 1]
])('goes through a burst of 429 of an API server %s', async (name, retryAfter) => {
  const path = `/after-${retryAfter ?? 'none'}`
  const failed = await failuresDuring(async () => {
    proxy.beBusy(retryAfter)
    await edit(`${path}/meanwhile`)
    await delay(busyMs)
    const isWatch = (refused: string): boolean => refused.endsWith('/servingpipelines?watch')
    await waitFor(() => proxy.refused.filter(isWatch).length >= 4, {
      what: 'gateway and controller to ask',
      ...patience
    })
    // Each of the two waits longer from time to time: 250 ms, 500 ms, a second, …
    expect(proxy.refused.filter(isWatch).length).toBeLessThan((busyMs / 1_000) * 4)
    expect((await gateway.post(`${namespace}/test`)).status, name).toBe(200)
    proxy.beCalm()
    const clock = startFairClock(gateway.process.pid, controller.pid)
    await answers(`${path}/meanwhile`, 'first')
    await edit(path)
    await answers(path, 'first')
    const generation = (await readPipeline(namespace, 'test'))?.metadata.generation
    await waitForStatus(namespace, 'test', status => status.observedGeneration === generation, 'the status')
    expect(clock.elapsed()).toBeLessThan(10_000)
  })
  expect(failed).toBe(0)
})

it('gets what is needed for the first time as soon as there is room: a token, a Secret, the resources of a kind', async () => {
  proxy.beBusy(undefined)
  await edit('/later')
  await kubectlOk(['create', 'secret', 'generic', 'other', '-n', namespace, '--from-literal=key=second'])
  proxy.beCalm()
  await answers('/later', 'first')
  proxy.beBusy(1)
  const refs = { apiVersion: 'v1', kind: 'Service', name: 'model' }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'model' }, spec: { ports: [{ port: 80 }] } }
  await kubectlOk(['apply', '-n', namespace, '-f', '-'], { stdin: JSON.stringify(service) })
  const headers = { 'x-key': { secretKeyRef: { name: 'other', key: 'key' } } }
  const steps = [{ uri: step.url, audience: 'https://other', headers }]
  await applyPipeline(namespace, 'fresh', { steps })
  await applyPipeline(namespace, 'refers', { steps: [{ ref: refs }] })
  proxy.beCalm()
  await waitFor(
    async () =>
      (await (await gateway.post(`${namespace}/fresh`)).text()) === JSON.stringify(['/', 'second', 'Bearer ']),
    { what: 'the new Secret and the new token', ...patience }
  )
  await waitForStatus(namespace, 'refers', ({ phase }) => phase === 'Running', 'the Service to have an address')
})
