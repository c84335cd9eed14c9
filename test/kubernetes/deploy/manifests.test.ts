import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { installAddressableKinds } from '../testbed/addressable-kinds.ts'
import { createNamespace, kubectl, kubectlOk } from '../testbed/cluster.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

beforeAll(async () => {
  await installCrds()
  await installAddressableKinds()
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
