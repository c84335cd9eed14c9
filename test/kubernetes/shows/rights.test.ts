import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { readFileSync } from 'node:fs'
import { waitFor } from '../../helpers/wait-for.ts'
import { installKnativeKinds, startPretendKnative } from '../controller/pretend-knative.ts'
import { installScaledObjects } from '../testbed/scaled-objects.ts'
import { kubectlOk, type KubectlOptions } from '../testbed/cluster.ts'
import { startClusterGateway, type ClusterGateway } from '../testbed/cluster-gateway.ts'
import { kubeconfigText, nobodyToken, type ControlPlane } from '../testbed/control-plane.ts'
import { startControllerCli } from '../testbed/controller-process.ts'
import { applyPipeline, waitForPhase, waitForStatus } from '../testbed/pipelines.ts'
import { openPodCluster } from '../testbed/pod-cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const opened = new AsyncDisposableStack()
let plane: ControlPlane
let options: KubectlOptions
let nobody: string

beforeAll(async () => {
  plane = await openPodCluster(opened)
  options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  nobody = join(plane.folder, 'nobody')
  await writeFile(nobody, kubeconfigText(plane.url, { token: nobodyToken }))
})

afterAll(() => opened.disposeAsync())

/** The rights that deploy gives. */
const given = (name: string): Rule[] => {
  const documents = parseAllDocuments(readFileSync('deploy/kustomize/base/rbac.yaml', 'utf8')).map(each => each.toJS())
  return documents
    .filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name.startsWith(name))
    .flatMap(({ rules }) => rules)
}

const without = (rules: readonly Rule[], resource: string, verb: string): Rule[] =>
  rules.map(rule =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter(each => each !== verb) } : rule
  )

async function give(rules: readonly Rule[]): Promise<void> {
  const kept = rules.filter(({ verbs }) => verbs.length > 0)
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'nobody' },
    rules: kept
  }
  await kubectlOk(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    ...options,
    stdin: JSON.stringify(role)
  })
  const subject = ['--clusterrole=nobody', '--user=nobody']
  await kubectlOk(['create', 'clusterrolebinding', 'nobody', ...subject], options).catch(() => {})
}

const model = { steps: [{ name: 'model', run: { image: 'model:1' } }] }

it('the rights in deploy are enough', async () => {
  await give([...given('sluice-controller'), ...given('sluice-gateway')])
  await using controller = await startControllerCli({ kubeconfig: nobody })
  await using gateway = await startClusterGateway([], nobody)
  await applyPipeline('default', 'enough', model, options)
  await waitForPhase('default', 'enough', 'Running', options)
  await kubectlOk(['delete', 'sp', 'enough', '--timeout=120s'], options)
  expect([controller.output.stderr, gateway.process.output.stderr].join('')).not.toMatch(/forbidden/)
})

it.each([
  [
    'deployments',
    'create',
    /deployments\.apps "missing-model" is forbidden: User "nobody" cannot .* resource "deployments"/
  ],
  ['services', 'create', /services "missing-model" is forbidden: User "nobody" cannot .* resource "services"/],
  ['servingpipelines', 'patch', /servingpipelines\.sluice\.dev "missing" is forbidden: User "nobody" cannot patch/]
])('without the right to %s %s, status says so', async (resource, verb, said) => {
  const rules = without(
    without(given('sluice-controller'), resource, verb),
    resource,
    verb === 'create' ? 'patch' : verb
  )
  await give(rules)
  await using opened = new AsyncDisposableStack()
  opened.use(await startControllerCli({ kubeconfig: nobody }))
  await applyPipeline('default', 'missing', model, options)
  const isTold = ({ conditions }: { conditions: { type: string; message: string }[] }) =>
    said.test(conditions[0]?.message ?? '')
  await waitForStatus('default', 'missing', isTold, `the right to ${verb} ${resource}`, options)
  await give(given('sluice-controller'))
  await waitForPhase('default', 'missing', 'Running', options)
  await kubectlOk(['delete', 'sp', 'missing', '--timeout=120s'], options)
})

it.each([
  ['servingpipelines', 'list', /cannot list resource \\"servingpipelines\\"/],
  ['servingpipelines/status', 'patch', /cannot patch resource \\"servingpipelines\/status\\"/],
  ['leases', 'get', /cannot get resource \\"leases\\"/],
  ['events', 'create', /cannot create resource \\"events\\"/],
  ['deployments', 'list', /cannot list resource \\"deployments\\"/]
])('without the right to %s %s, the controller says so and goes on', async (resource, verb, said) => {
  await give(without(given('sluice-controller'), resource, verb))
  await using controller = await startControllerCli({ kubeconfig: nobody })
  await applyPipeline('default', 'log', model, options)
  await controller.waitForLine(said)
  await give(given('sluice-controller'))
  await waitForPhase('default', 'log', 'Running', options)
  await kubectlOk(['delete', 'sp', 'log', '--timeout=120s'], options)
})

it('without the right to list pipelines, the gateway starts, says so, and serves when it has it', async () => {
  await give(without(given('sluice-gateway'), 'servingpipelines', 'list'))
  await using gateway = await startClusterGateway([], nobody)
  await gateway.process.waitForLine(/cannot list resource \\"servingpipelines\\"/)
  await applyPipeline('default', 'later', { steps: [{ transform: 'data' }] }, options)
  await give(given('sluice-gateway'))
  await waitFor(async () => (await gateway.post('default/later')).status === 200, { what: 'it to be served' })
})

it('without the right to list endpointslices, the gateway says so and calls steps at zero as any other', async () => {
  const both = [...given('sluice-controller'), ...given('sluice-gateway')]
  await give(without(both, 'endpointslices', 'list'))
  await using opened = new AsyncDisposableStack()
  opened.use(await startControllerCli({ kubeconfig: nobody }))
  // Many calls fail until the right is there: an open breaker would not let the next one through to be held.
  const broken = { steps: [{ name: 'model', run: { image: 'broken:1' }, circuitBreaker: { enabled: false } }] }
  await applyPipeline('default', 'called', broken, options)
  // Nothing is ready behind its Service, and nobody listens there.
  const args = ['--resolve', 'Service/default/called-model=http://127.0.0.1:1']
  await using gateway = await startClusterGateway(args, nobody)
  await gateway.process.waitForLine(/cannot list resource \\"endpointslices\\".* do not wait/)
  await waitFor(async () => (await gateway.post('default/called')).status === 502, { what: 'a call that fails' })
  await give(both)
  await waitFor(async () => /^sluice_pending\{pipeline="default\/called"\} 1$/m.test(await callAndLook(gateway)), {
    what: 'a call that is held'
  })
  await kubectlOk(['delete', 'sp', 'called', '--timeout=120s'], options)
})

/** The metrics while somebody calls, who leaves then. */
async function callAndLook({ url, adminUrl }: ClusterGateway): Promise<string> {
  const caller = new AbortController()
  const called = fetch(`${url}/default/called`, { method: 'POST', body: '{}', signal: caller.signal }).catch(() => {})
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text()
  caller.abort()
  await called
  return metrics
}

/* The last ones, since the control plane has more kinds afterwards. */
it('the rights of the chart are enough where KEDA is, and no pipeline is to be scaled by it', async () => {
  await installScaledObjects(options)
  const isMade = (verb: string): boolean => verb === 'create' || verb === 'patch'
  const rules = given('sluice-controller').map(rule =>
    rule.apiGroups.includes('keda.sh') ? { ...rule, verbs: rule.verbs.filter(verb => !isMade(verb)) } : rule
  )
  await give(rules)
  await using controller = await startControllerCli({ kubeconfig: nobody })
  await applyPipeline('default', 'alone', model, options)
  await waitForPhase('default', 'alone', 'Running', options)
  await kubectlOk(['delete', 'sp', 'alone', '--timeout=120s'], options)
  expect(controller.output.stderr).not.toMatch(/forbidden/)
})

it.each([
  ['KEDA', startKeda, 'scaledobject'],
  ['Knative', startKnative, 'services.serving.knative.dev']
])('the rights in deploy are enough with %s', async (_, start, kind) => {
  await using opened = new AsyncDisposableStack()
  opened.use(await start(plane.kubeconfig))
  await give(given('sluice-controller'))
  await using controller = await startControllerCli({ kubeconfig: nobody, prometheusUrl: 'http://prometheus:9090' })
  const scaled = { steps: [{ name: 'model', run: { image: 'model:1', min: 1, max: 2 } }] }
  await applyPipeline('default', 'scaled', scaled, options)
  const runs = ({ phase, replicas }: { phase: string; replicas: number }) => phase === 'Running' && replicas === 1
  await waitForStatus('default', 'scaled', runs, 'its replica', options)
  const names = ['get', kind, '-o', 'name']
  expect(await kubectlOk(names, options)).toMatch(/scaled-model/)
  await applyPipeline('default', 'scaled', { ...scaled, lifecycle: { desiredPhase: 'Paused' } }, options)
  await waitForPhase('default', 'scaled', 'Paused', options)
  await kubectlOk(['delete', 'sp', 'scaled', '--timeout=120s'], options)
  expect(await kubectlOk(names, options)).toBe('')
  expect(controller.output.stderr).not.toMatch(/forbidden/)
})

async function startKnative(kubeconfig: string): Promise<AsyncDisposable> {
  await installKnativeKinds(kubeconfig)
  return startPretendKnative(kubeconfig)
}

/** As far as the controller sees of it. */
async function startKeda(kubeconfig: string): Promise<undefined> {
  await installScaledObjects({ kubeconfig })
  return undefined
}
