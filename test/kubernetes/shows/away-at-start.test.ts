import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { startCli } from '../../helpers/cli.ts'
import { startStep } from '../../helpers/step-server.ts'
import { createTempFolder } from '../../helpers/temp-folder.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { startControlPlane } from '../testbed/control-plane.ts'
import { applyPipeline } from '../testbed/pipelines.ts'
import { installCrds } from '../testbed/sluice-crds.ts'

const patience = { timeoutMs: 90_000 }

/** A gateway with a store that outlives it. */
async function startStoring(kubeconfig: string, store: string, namespace: string) {
  const ports = ['--port', '0', '--admin-port', '0', '--store', store]
  const cluster = ['--kubernetes', '--kubeconfig', kubeconfig, '--namespace', namespace]
  const process = await startCli(['run', ...cluster, ...ports])
  const [, url = '', adminUrl = ''] = await process.waitForLine(/^sluice ready on (\S+) \(admin (http[^,]+),/)
  return {
    process,
    post: () =>
      fetch(`${url}/${namespace}/test`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' }
      }),
    verbose: async () => (await fetch(`${adminUrl}/readyz?verbose`)).text()
  }
}

it('serves the last known good set where the API server is away at its start, and says so', async () => {
  await using plane = await startControlPlane(inject('programs').kube)
  const options = { kubeconfig: plane.kubeconfig }
  await installCrds(plane.kubeconfig)
  await using folder = await createTempFolder()
  await using step = await startStep({ headers: { 'content-type': 'application/json' }, body: '"kept"' })
  await applyPipeline('default', 'test', { steps: [{ uri: step.url }] }, options)
  const store = `sqlite:${join(folder.path, 'store.db')}`
  {
    const first = await startStoring(plane.kubeconfig, store, 'default')
    await using _ = first.process
    await waitFor(async () => (await first.post()).status === 200, { what: 'it to be served', ...patience })
  }
  await plane.killApiServer()
  {
    // Another namespace is another source, of which nothing is kept.
    const other = await startStoring(plane.kubeconfig, store, 'other')
    await using _ = other.process
    expect((await other.post()).status).toBe(404)
  }
  const again = await startStoring(plane.kubeconfig, store, 'default')
  await using opened = new AsyncDisposableStack()
  opened.use(again.process)
  // As soon as it says that it is ready.
  expect(await (await again.post()).json()).toBe('kept')
  const said = await again.verbose()
  expect(said).toContain(`${plane.url}/default`)
  expect(said).toContain('ECONNREFUSED')
  await plane.startApiServer()
  await waitFor(async () => !(await again.verbose()).includes(plane.url), { what: 'it to be there again', ...patience })
  await using changed = await startStep({ headers: { 'content-type': 'application/json' }, body: '"changed"' })
  await applyPipeline('default', 'test', { steps: [{ uri: changed.url }] }, options)
  await waitFor(async () => (await (await again.post()).json()) === 'changed', { what: 'the edit', ...patience })
})
