import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createNamespace, kubectlOk } from '../testbed/cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

const chart = 'deploy/helm/sluice'

beforeAll(() => installCrds())

async function helm(...args: string[]): Promise<string> {
  const all = ['--kubeconfig', inject('cluster').kubeconfig, ...args]
  return (await promisify(execFile)(inject('programs').helm, all, { maxBuffer: 2 ** 26 })).stdout
}

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** The rules of each role in these manifests. */
const rulesIn = (manifests: string): readonly (readonly Rule[])[] =>
  parseAllDocuments(manifests)
    .map(each => each.toJS())
    .filter(each => each !== null && /^(Cluster)?Role$/.test(each.kind))
    .map(({ rules }) => rules)

/** In whatever order the roles stand. */
const rightsIn = (manifests: string): readonly string[] =>
  rulesIn(manifests)
    .map(rules => JSON.stringify(rules))
    .toSorted()

describe('the chart', () => {
  it('has nothing to complain about', async () => {
    expect(await helm('lint', '--strict', chart)).toContain('0 chart(s) failed')
  })

  it.each([
    [[]],
    [['--set', 'namespace=models', '--set', 'gateway.replicas=1', '--set', 'controller.replicas=1']],
    [['--set', 'redis.enabled=false', '--set', 'redis.url=redis://mine:6379', '--set', 'controller.enabled=false']],
    [['--set', 'controller.prometheusUrl=http://prometheus:9090']],
    [['--set', 'service.port=8080', '--set-json', 'references=[{"group":"a.example","resources":["models"]}]']]
  ])('makes manifests that are valid to the letter with %j', async settings => {
    await using namespace = await createNamespace()
    const { name } = namespace
    const stdin = await helm('template', 'test', chart, '--namespace', name, ...settings)
    const applied = await kubectlOk(['apply', '-n', name, '--dry-run=server', '--validate=strict', '-f', '-'], {
      stdin
    })
    expect(applied).toContain('deployment.apps/test created (server dry run)')
  })

  it.each([
    [['--set', 'gateway.replica=3'], /replica/],
    [['--set-string', 'gateway.replicas=three'], /got string, want integer/],
    [['--set', 'redis.enabled=false'], /redis/]
  ])('refuses the values %j', async (settings, said) => {
    await expect(helm('template', 'test', chart, ...settings)).rejects.toThrow(said)
  })

  it('gives the rights of the kustomize base', async () => {
    const made = await helm('template', 'test', chart, '--set', 'controller.prometheusUrl=http://prometheus:9090')
    expect(rightsIn(made)).toEqual(rightsIn(readFileSync('deploy/kustomize/base/rbac.yaml', 'utf8')))
  })

  /** Without them, no pipeline with an image was Ready in a cluster that has KEDA for somebody else. */
  it('gives the right to look for scalers of KEDA and to remove them, whether it is to make any or not', async () => {
    const rules = rulesIn(await helm('template', 'test', chart)).flat()
    expect(rules.filter(({ apiGroups }) => apiGroups.includes('keda.sh'))).toEqual([
      { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['list', 'delete'] }
    ])
  })

  it('is installed, upgraded and taken away', async () => {
    await using namespace = await createNamespace()
    const at = ['--namespace', namespace.name]
    // The CustomResourceDefinitions are there already.
    await helm('install', 'test', chart, ...at, '--skip-crds', '--wait', '--timeout', '180s')
    const replicas = async () =>
      await kubectlOk(['get', 'deployment', 'test', '-n', namespace.name, '-o', 'jsonpath={.status.readyReplicas}'])
    const token = async () =>
      await kubectlOk(['get', 'secret', 'test-admin', '-n', namespace.name, '-o', 'jsonpath={.data.admin-token}'])
    expect(await replicas()).toBe('2')
    const before = await token()
    await helm('upgrade', 'test', chart, ...at, '--set', 'gateway.replicas=3', '--wait', '--timeout', '180s')
    expect([await replicas(), await token()]).toEqual(['3', before])
    await helm('uninstall', 'test', ...at, '--wait', '--timeout', '180s')
    expect(await kubectlOk(['get', 'deployment,service', '-n', namespace.name, '-o', 'name'])).toBe('')
  })
})
