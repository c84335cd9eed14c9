import { beforeAll, describe, expect, it } from 'vitest'
import { readPipelines } from '../../../src/pipeline/read-pipelines.ts'
import { faultText } from '../../../src/kubernetes/controller/pipeline-view.ts'
import { startStep } from '../../helpers/step-server.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { installAddressableKinds, setAddress } from '../testbed/addressable-kinds.ts'
import { createNamespace, kubectl, kubectlOk } from '../testbed/cluster.ts'
import { startClusterGateway } from '../testbed/cluster-gateway.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, readPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { installCrds, pipelineDocument } from '../testbed/sluice-crds.ts'

beforeAll(async () => {
  await installCrds()
  await installAddressableKinds()
})

const conditionsOf = (status: { conditions: { type: string }[] }) =>
  Object.fromEntries(status.conditions.map(({ type, ...rest }) => [type, rest]))

describe('sluice controller', () => {
  it('writes the status of a pipeline that can serve, once, and its columns', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ namespace: name, gatewayUrl: 'http://sluice.example' }))
    await applyPipeline(name, 'test', { steps: [{ name: 'one', uri: 'http://a' }, { uri: 'http://b' }] })
    const status = await waitForPhase(name, 'test', 'Running')
    expect(status).toMatchObject({
      phase: 'Running',
      observedGeneration: 1,
      stepCount: 2,
      inFlight: 0,
      pending: 0,
      deadLetters: 0,
      url: `http://sluice.example/${name}/test`,
      address: { url: `http://sluice.example/${name}/test` },
      steps: [
        { name: 'one', path: 'one', desiredPhase: 'Running', phase: 'Running' },
        { name: 'step-2', path: 'step-2', desiredPhase: 'Running', phase: 'Running' }
      ]
    })
    expect(conditionsOf(status)).toMatchObject({
      Ready: { status: 'True', reason: 'Serving', observedGeneration: 1 },
      Valid: { status: 'True' },
      Resolved: { status: 'True' }
    })
    const row = (await kubectlOk(['get', '-n', name, 'sp', 'test', '--no-headers'])).split(/ +/)
    expect(row.slice(0, 7)).toEqual(['test', 'Running', 'True', '2', '0', '0', '0'])
    const events = await kubectlOk(['get', 'events', '-n', name, '-o', 'jsonpath={.items[*].reason}'])
    expect(events).toBe('Running')
    const { metadata } = (await readPipeline(name, 'test'))!
    expect(metadata.generation).toBe(1)
  })

  it('says in status what sluice validate says, while the last good definition serves', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ namespace: name }))
    const faulty = {
      steps: [
        { name: 'one', transform: '$$$(' },
        { name: 'one', uri: 'http://a' }
      ]
    }
    await applyPipeline(name, 'never', faulty)
    const failed = await waitForPhase(name, 'never', 'Failed')
    const said = readPipelines([{ file: 'a', text: pipelineDocument('never', faulty) }]).faults.map(faultText)
    expect(said).toHaveLength(2)
    expect(conditionsOf(failed)).toMatchObject({
      Ready: { status: 'False', reason: 'Faulty' },
      Valid: { status: 'False', message: said.join('\n') }
    })
    await applyPipeline(name, 'was', { steps: [{ uri: 'http://a' }] })
    await waitForPhase(name, 'was', 'Running')
    await applyPipeline(name, 'was', faulty)
    const status = await waitForStatus(name, 'was', ({ observedGeneration }) => observedGeneration === 2, 'the edit')
    expect([status.phase, conditionsOf(status)]).toMatchObject([
      'Running',
      { Ready: { status: 'True', reason: 'NewGenerationNotReady' }, Valid: { status: 'False' } }
    ])
  })

  it('waits for an address, and says whose', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ namespace: name }))
    const ref = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'model' }
    await applyPipeline(name, 'test', { steps: [{ ref }] })
    const pending = await waitForPhase(name, 'test', 'Pending')
    expect(conditionsOf(pending)).toMatchObject({
      Ready: { status: 'False', reason: 'Unresolved', message: `Broker ${name}/model: there is none` },
      Resolved: { status: 'False' }
    })
    const broker = { apiVersion: ref.apiVersion, kind: 'Broker', metadata: { name: 'model' }, spec: {} }
    await kubectlOk(['apply', '-n', name, '-f', '-'], { stdin: JSON.stringify(broker) })
    await waitForStatus(
      name,
      'test',
      ({ conditions }) => /no address yet/.test(conditions[0].message),
      'the Broker to be seen'
    )
    await setAddress(name, 'brokers.eventing.knative.dev/model', 'http://127.0.0.1:1')
    await waitForPhase(name, 'test', 'Running')
  })

  it('writes the status of a Pipeline too, which nobody calls', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ namespace: name }))
    const spec = { sources: [{ name: 'clock', schedule: { cron: '0 0 1 1 *' } }], steps: [{ uri: 'http://a' }] }
    const document = { apiVersion: 'sluice.dev/v1alpha1', kind: 'Pipeline', metadata: { name: 'reads' }, spec }
    await kubectlOk(['apply', '-n', name, '-f', '-'], { stdin: JSON.stringify(document) })
    await kubectlOk(['wait', '-n', name, 'spl/reads', '--for=condition=Ready', '--timeout=120s'])
    const { status } = JSON.parse(await kubectlOk(['get', '-n', name, 'spl', 'reads', '-o', 'json']))
    expect([status.phase, status.stepCount, status.url]).toEqual(['Running', 1, undefined])
    await kubectlOk(['delete', '-n', name, 'spl', 'reads', '--timeout=120s'])
  })

  it('tells how a canary does, and its rollout, as the gateways have it', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    const says = (text: string) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) })
    await using one = await startStep(says('one'))
    await using two = await startStep(says('two'))
    await using gateway = await startClusterGateway(['--namespace', name])
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ namespace: name, gatewayAdmin: gateway.adminUrl }))
    const traffic = [{ tag: 'canary', uri: two.url }]
    const rollout = { tag: 'canary', steps: [50, 100], every: 'PT1H' }
    await applyPipeline(name, 'test', { steps: [{ name: 'model', uri: one.url, traffic, rollout }] })
    await waitForPhase(name, 'test', 'Running')
    // The rollout begins a moment after the definition is served.
    await waitFor(async () => (await (await gateway.post(`${name}/test`)).text()) === '"two"', { what: 'the canary' })
    const isTold = ({ steps: [step] }: { steps: { traffic?: { tag?: string; calls: number }[] }[] }): boolean =>
      step?.traffic?.some(({ tag, calls }) => tag === 'canary' && calls > 0) === true
    const status = await waitForStatus(name, 'test', isTold, 'the calls of the canary')
    expect(status.steps[0].traffic).toMatchObject([{ tag: 'canary', percent: 50 }, { percent: 50 }])
    expect(conditionsOf(status)).toMatchObject({ Rollout: { reason: 'Progressing' } })
  })

  it('leaves fields of the status that a person has set, and says so', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    await using controller = await startControllerCli({ namespace: name })
    await applyPipeline(name, 'test', { steps: [{ uri: 'http://a' }] })
    await waitForPhase(name, 'test', 'Running')
    const patch = JSON.stringify({ status: { url: 'http://mine.example' } })
    await kubectlOk(['patch', '-n', name, 'sp', 'test', '--subresource=status', '--type=merge', '-p', patch])
    await controller.waitForLine(
      /somebody else has set fields of the status, which stay so: .*status.url.*kubectl-patch/
    )
    expect((await readPipeline(name, 'test'))?.status.url).toBe('http://mine.example')
    const events = await kubectlOk(['get', 'events', '-n', name, '-o', 'jsonpath={.items[*].reason}'])
    expect(events.split(' ').sort()).toEqual(['Conflict', 'Running'])
  })

  it('lets a deleted pipeline go, also one that was deleted while it was away', async () => {
    await using namespace = await createNamespace()
    const { name } = namespace
    {
      await using opened = new AsyncDisposableStack()
      opened.use(await startControllerCli({ namespace: name }))
      await applyPipeline(name, 'one', { steps: [{ uri: 'http://a' }] })
      await applyPipeline(name, 'two', { steps: [{ uri: 'http://a' }] })
      await waitForPhase(name, 'one', 'Running')
      await waitForPhase(name, 'two', 'Running')
      await kubectlOk(['delete', '-n', name, 'sp', 'one', '--timeout=120s'])
    }
    await kubectlOk(['delete', '-n', name, 'sp', 'two', '--wait=false'])
    expect(await readPipeline(name, 'two')).toBeDefined()
    await using opened = new AsyncDisposableStack()
    opened.use(await startControllerCli({ namespace: name }))
    await waitFor(async () => (await readPipeline(name, 'two')) === undefined, { what: 'the other one to go' })
    expect((await kubectl(['get', '-n', name, 'sp'])).stderr).toMatch(/No resources found/)
  })
})
