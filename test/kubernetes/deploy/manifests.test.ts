import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { desiredChildren } from '../../../src/kubernetes/controller/desired-children.ts'
import type { RunSpec } from '../../../src/pipeline/spec/process-spec.ts'
import type { Scaling } from '../../../src/kubernetes/controller/scaling.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { installAddressableKinds } from '../testbed/addressable-kinds.ts'
import { createNamespace, getObject, kubectl, kubectlOk } from '../testbed/cluster.ts'
import { installScaledObjects } from '../testbed/scaled-objects.ts'
import { findPeerDefinitions } from '../testbed/peer-definitions.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

beforeAll(async () => {
  await installCrds()
  await installAddressableKinds()
  await installScaledObjects()
  await kubectl(['create', 'namespace', 'sluice'])
})

describe('the manifests', () => {
  it.each(['deploy/kubernetes.yaml', 'knative/service.yaml', 'knative/trigger.yaml'])(
    'of %s are valid to the letter',
    async file => {
      await using namespace = await createNamespace()
      const applied = await kubectlOk([
        'apply',
        '-n',
        namespace.name,
        '--dry-run=server',
        '--validate=strict',
        '-f',
        file
      ])
      expect(applied).toMatch(/created \(server dry run\)/)
    }
  )

  it('of the kustomize base are valid to the letter', async () => {
    const applied = await kubectlOk(['apply', '--dry-run=server', '--validate=strict', '-k', 'deploy/kustomize/base'])
    expect(applied.split('\n').filter(line => line !== '').length).toBeGreaterThan(18)
  })
})

describe('what the controller makes of a step', () => {
  const full: RunSpec = {
    image: 'registry.example/model:1',
    command: ['serve'],
    cwd: '/app',
    port: 9000,
    min: 0,
    max: 5,
    concurrency: 4,
    idle: 'PT2M',
    env: { MODE: 'fast', KEY: { valueFrom: { secretKeyRef: { name: 'model', key: 'key' } } } },
    resources: { requests: { cpu: '1' }, limits: { 'nvidia.com/gpu': 1 } },
    readiness: { path: '/healthz', timeout: 'PT10M' },
    nodeSelector: { gpu: 'yes' },
    tolerations: [{ key: 'gpu', operator: 'Exists' }]
  }

  it.each<[Scaling, string]>([
    [{ by: 'knative' }, 'service.serving.knative.dev/full-model'],
    [{ by: 'keda', prometheusUrl: 'http://prometheus:9090' }, 'scaledobject.keda.sh/full-model'],
    [{ by: 'autoscaler' }, 'horizontalpodautoscaler.autoscaling/full-model']
  ])('is valid to the letter with %o', async (scaling, kind) => {
    await using namespace = await createNamespace()
    const metadata = { name: 'full', namespace: namespace.name, uid: 'uid' }
    const parent = { apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata }
    const children = desiredChildren(
      {
        ...parent,
        spec: { steps: [{ name: 'model', run: full, traffic: [{ tag: 'new', run: { image: 'model:2' } }] }] }
      },
      { desiredPhase: 'Running', scaling, served: new Set() }
    )
    const items = children.map(({ object }) => object)
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', '-']
    expect(await kubectlOk(args, { stdin })).toContain(kind)
  })
})

it('keeps Knative Services within what the webhook of Knative allows', () => {
  const run = { image: 'model:1', port: 9000, concurrency: 5000, env: { PORT: '1', MODE: 'fast' } }
  const specOf = (idle: string) => {
    const metadata = { name: 'much', namespace: 'default', uid: 'uid' }
    const spec = { steps: [{ name: 'model', run: { ...run, idle } }] }
    const parent = { apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata, spec }
    const [child] = desiredChildren(parent, { desiredPhase: 'Running', scaling: { by: 'knative' }, served: new Set() })
    return child?.object
  }
  const template = (seconds: string) => ({
    metadata: { annotations: { 'autoscaling.knative.dev/window': seconds } },
    spec: { containerConcurrency: 1000, containers: [{ env: [{ name: 'MODE', value: 'fast' }] }] }
  })
  expect(specOf('PT1S')).toMatchObject({ spec: { template: template('6s') } })
  expect(specOf('PT5H')).toMatchObject({ spec: { template: template('3600s') } })
})

it.skipIf(findPeerDefinitions('Knative') === undefined)('lets Knative find the addresses of pipelines', async () => {
  const roles = parseAllDocuments(readFileSync('deploy/kustomize/base/rbac.yaml', 'utf8')).map(role => role.toJS())
  const ours = roles.find(({ metadata }) => metadata.name === 'sluice-addressable-resolver')
  await kubectlOk(['apply', '-f', '-'], { stdin: JSON.stringify(ours) })
  const theirs = 'clusterrole knative-serving-aggregated-addressable-resolver'
  const rules = async () => (await getObject('default', theirs)).rules ?? []
  const isOurs = ({ apiGroups }: { apiGroups: string[] }) => apiGroups.includes('sluice.dev')
  await waitFor(async () => (await rules()).some(isOurs), { what: 'the rule of Sluice in the role of Knative' })
  expect((await rules()).find(isOurs)).toEqual(ours.rules[0])
})

describe('the alerts', () => {
  it('say what they should', async () => {
    const { stdout } = await promisify(execFile)(promtool(), ['test', 'rules', 'deploy/monitoring/alerts.test.yaml'])
    expect(stdout).toContain('SUCCESS')
  })
})

/** It comes with Prometheus, which root can install. */
function promtool(): string {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' })
  } catch {
    execFileSync('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', 'prometheus'], { stdio: 'ignore' })
  }
  return 'promtool'
}
