import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStep, type StepServer } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { parseExposition } from '../../telemetry/exposition.ts'
import { installAddressableKinds, setAddress } from '../testbed/addressable-kinds.ts'
import { createNamespace, kubectlOk } from '../testbed/cluster.ts'
import {
  answers,
  conditionsOf,
  killWorker,
  manyTexts,
  startClusterGateway,
  type ClusterGateway
} from '../testbed/cluster-gateway.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase } from '../testbed/pipelines.ts'
import { readReadmeBlocks } from '../testbed/readme-section.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

/*
 * `sluice run --kubernetes --workers 2`, one test after the other on one gateway: the primary asks the API server, and both
 * workers know what it knows.
 */

const opened = new AsyncDisposableStack()
let namespace: string
let gateway: ClusterGateway
let steps: readonly StepServer[]
let pipeline: string
/** Where the Service of a step that is deployed leads to. */
let deployed: StepServer

const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })

const broker = (name: string): unknown => ({ apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name })

async function createBroker(name: string, url: string | undefined): Promise<void> {
  const document = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', metadata: { name }, spec: {} }
  await kubectlOk(['apply', '-n', namespace, '-f', '-'], { stdin: JSON.stringify(document) })
  await setAddress(namespace, `brokers.eventing.knative.dev/${name}`, url)
}

const setSecret = (token: string): Promise<string> =>
  kubectlOk(['apply', '-n', namespace, '-f', '-'], {
    stdin: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'model' },
      stringData: { token }
    })
  })

/** The token for the audience, and what the Secret says, as the step was sent them. */
function sentBy(text: string): { readonly at: string; readonly secret: string; readonly audience: unknown } {
  const { secret, authorization, at } = JSON.parse(text) as { secret: string; authorization: string; at: string }
  const claims = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()
  return { at, secret, audience: (JSON.parse(claims) as { aud: unknown }).aud }
}

const manySent = async () => (await manyTexts(gateway, pipeline)).map(sentBy)

async function sentByAll(expected: ReturnType<typeof sentBy>): Promise<void> {
  await waitFor(async () => (await manySent()).every(sent => JSON.stringify(sent) === JSON.stringify(expected)), {
    what: `all workers to send ${JSON.stringify(expected)}`
  })
}

async function samplesOf(metric: string) {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return parseExposition(text).get(metric)?.samples ?? []
}

/** Says what is ready behind the Service of the deployed step, as Kubernetes does. */
const setReady = (ready: boolean): Promise<string> =>
  kubectlOk(['apply', '-n', namespace, '-f', '-'], {
    stdin: JSON.stringify({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'held-model-1',
        labels: {
          'kubernetes.io/service-name': 'held-model',
          'app.kubernetes.io/managed-by': 'sluice',
          'sluice.dev/pipeline': 'held'
        }
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready } }],
      ports: [{ port: 8080 }]
    })
  })

beforeAll(async () => {
  await installCrds()
  await installAddressableKinds()
  const created = opened.use(await createNamespace())
  namespace = created.name
  pipeline = `${namespace}/test`
  const tells = (at: string) =>
    startStep(({ headers: { authorization, 'x-secret': secret } }) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ at, secret, authorization })
    }))
  steps = [opened.use(await tells('one')), opened.use(await tells('two'))]
  deployed = opened.use(await startStep(says('deployed')))
  const resolve = ['--resolve', `Service/${namespace}/held-model=${deployed.url}`]
  gateway = opened.use(await startClusterGateway(['--namespace', namespace, '--workers', '2', ...resolve]))
  opened.use(await startControllerCli({ namespace, gatewayAdmin: gateway.adminUrl, gatewayUrl: gateway.url }))
})

afterAll(() => opened.disposeAsync())

describe('the workers of a gateway on Kubernetes', () => {
  it('fail no call from when the status says that the pipeline is ready', async () => {
    const headers = { 'x-secret': { secretKeyRef: { name: 'model', key: 'token' } } }
    await applyPipeline(namespace, 'test', { steps: [{ ref: broker('model'), headers, audience: 'https://model' }] })
    await waitFor(async () => (await conditionsOf(gateway, pipeline))['Resolved'] === 'False', {
      what: 'what it lacks'
    })
    const early = await Promise.all(Array.from({ length: 16 }, () => gateway.post(pipeline)))
    expect(new Set(early.map(({ status }) => status))).toEqual(new Set([503]))
    await setSecret('first')
    await createBroker('model', steps[0]?.url)
    await waitFor(async () => (await conditionsOf(gateway, pipeline))['Ready'] === 'True', { what: 'it to be ready' })
    for (const sent of await manySent()) {
      expect(sent).toEqual({ at: 'one', secret: 'first', audience: ['https://model'] })
    }
    await waitForPhase(namespace, 'test', 'Running')
  })

  it('serve the pipeline of README', async () => {
    await using model = await startStep({
      headers: { 'content-type': 'application/json' },
      body: '{"sentiment":"positive"}'
    })
    const blocks = readReadmeBlocks('Kubernetes, with resources.')
    const written = blocks.find(({ language }) => language === 'yaml')?.text ?? ''
    const document = written
      .replace('namespace: models', `namespace: ${namespace}`)
      .replace('http://127.0.0.1:9001', model.url)
    await kubectlOk(['apply', '-f', '-'], { stdin: document })
    await waitForPhase(namespace, 'mood', 'Running')
    const mood = JSON.stringify({ mood: 'positive' })
    expect(new Set(await manyTexts(gateway, `${namespace}/mood`))).toEqual(new Set([mood]))
  })

  it('call a ref where it is now', async () => {
    await setAddress(namespace, 'brokers.eventing.knative.dev/model', steps[1]?.url)
    await sentByAll({ at: 'two', secret: 'first', audience: ['https://model'] })
  })

  it('send what a Secret says now', async () => {
    await setSecret('second')
    await sentByAll({ at: 'two', secret: 'second', audience: ['https://model'] })
  })

  it('are not said to be ready while a Secret is gone, and are again when it is back', async () => {
    const readyIs = async (status: string) => (await conditionsOf(gateway, pipeline))['Ready'] === status
    await kubectlOk(['delete', '-n', namespace, 'secret', 'model'])
    await waitFor(() => readyIs('False'), { what: 'the loss to be told' })
    expect((await gateway.post(pipeline)).status).toBe(503)
    await setSecret('second')
    await waitFor(() => readyIs('True'), { what: 'it to be ready again' })
    expect((await manySent()).map(({ secret }) => secret)).toEqual(Array(16).fill('second'))
  })

  it('have one sum of their metrics', async () => {
    const replied = (await samplesOf('sluice_requests_total')).filter(
      ({ labels }) => labels['pipeline'] === pipeline && labels['outcome'] === 'replied'
    )
    const called = steps.reduce((sum, { requests }) => sum + requests.length, 0)
    expect(replied.reduce((sum, { value }) => sum + value, 0)).toBe(called)
  })

  it('that are started again know all of it before they serve', async () => {
    // Its last address is called on, by those that never knew it too.
    await setAddress(namespace, 'brokers.eventing.knative.dev/model', undefined)
    await waitFor(async () => (await conditionsOf(gateway, pipeline))['Resolved'] === 'False', { what: 'the loss' })
    for (const no of [1, 2]) await killWorker(gateway, no)
    for (const sent of await manySent()) {
      expect(sent).toEqual({ at: 'two', secret: 'second', audience: ['https://model'] })
    }
    await setAddress(namespace, 'brokers.eventing.knative.dev/model', steps[1]?.url)
  })

  it('run a request on the definition that it was accepted with, where its ref is now', async () => {
    await using away = await startStep(503)
    await using there = await startStep(says('there'))
    await createBroker('moving', away.url)
    const circuitBreaker = { volumeThreshold: 1, resetTimeout: 'PT1S' }
    const steps = [
      { name: 'moving', ref: broker('moving'), circuitBreaker, delivery: { retry: 5, backoffDelay: 'PT0.1S' } }
    ]
    await applyPipeline(namespace, 'former', { steps })
    const accepted = await waitFor(
      async () => {
        const answer = await gateway.post(`${namespace}/former`, '{}', { prefer: 'respond-async' })
        return answer.status === 202 && answer
      },
      { what: 'it to be accepted' }
    )
    await away.waitForRequests(1)
    await applyPipeline(namespace, 'former', { steps: [{ transform: '"new"' }] })
    await answers(gateway, `${namespace}/former`, 'new')
    await setAddress(namespace, 'brokers.eventing.knative.dev/moving', there.url)
    const path = `${gateway.url}${accepted.headers.get('location')}`
    await waitFor(async () => ((await (await fetch(path)).json()) as { status: string }).status === 'replied', {
      what: 'its reply'
    })
    expect(await (await fetch(`${path}/reply`)).json()).toBe('there')
  })

  it('hold calls of a deployed step of which nothing is ready, those too that were started since then', async () => {
    await setReady(false)
    const step = { name: 'model', run: { image: 'model:1', min: 0 } }
    await applyPipeline(namespace, 'held', { deadline: 'PT5M', steps: [step] })
    const isServed = async () => (await conditionsOf(gateway, `${namespace}/held`))['Ready'] === 'True'
    await waitFor(isServed, { what: 'it to be served' })
    await killWorker(gateway, 1)
    const texts = manyTexts(gateway, `${namespace}/held`)
    const pending = async () => {
      const samples = await samplesOf('sluice_pending')
      return samples.find(({ labels }) => labels['pipeline'] === `${namespace}/held`)?.value ?? 0
    }
    await waitFor(async () => (await pending()) === 16, { what: 'all of them to be held' })
    expect(deployed.requests).toHaveLength(0)
    await setReady(true)
    expect(new Set(await texts)).toEqual(new Set(['"deployed"']))
    expect(await pending()).toBe(0)
  })

  it('keep what they are told to themselves', () => {
    const { stdout, stderr } = gateway.process.output
    expect(stdout + stderr).not.toMatch(/first|second|eyJ/)
  })

  it('pause, go on and end as one', async () => {
    const statuses = async () => {
      const all = await Promise.all(Array.from({ length: 16 }, () => gateway.post(pipeline)))
      return new Set(all.map(({ status }) => status))
    }
    const patch = (desiredPhase: string) =>
      kubectlOk(['patch', '-n', namespace, 'sp', 'test', '--type=merge', '-p', lifecycleOf(desiredPhase)])
    const lifecycleOf = (desiredPhase: string) => JSON.stringify({ spec: { lifecycle: { desiredPhase } } })
    await patch('Paused')
    await waitForPhase(namespace, 'test', 'Paused')
    expect(await statuses()).toEqual(new Set([503]))
    await patch('Running')
    await waitForPhase(namespace, 'test', 'Running')
    expect(await statuses()).toEqual(new Set([200]))
    await kubectlOk(['delete', '-n', namespace, 'sp', 'test'])
    expect(await statuses()).toEqual(new Set([404]))
  })
})
