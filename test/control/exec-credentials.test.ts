import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findCluster } from '../../src/kubernetes/client/access/find-cluster.ts'
import { createApiClient } from '../../src/kubernetes/client/api-client.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

/** A kubeconfig whose credentials a program gives. */
const kubeconfigOf = (command: string, args: readonly string[]): string =>
  JSON.stringify({
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'test', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args } } }]
  })

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('ends a program that hangs with the client that has asked it for credentials', async () => {
  await using folder = await createTempFolder()
  const hangs = 'echo $$ > pid; trap "" TERM; while true; do sleep 0.1; done'
  const file = await folder.write('config', kubeconfigOf('sh', ['-c', hangs]))
  const client = createApiClient(findCluster(file, {}))
  const call = client.call('GET', '/version')
  const pid = await waitFor(async () => Number(await readFile(join(folder.path, 'pid'), 'utf8')), { what: 'its start' })
  await client[Symbol.asyncDispose]()
  await expect(call).rejects.toThrow('sh gave no credentials')
  await waitFor(() => !isAlive(pid), { what: 'its end', timeoutMs: 20_000 })
})

it('lets a call end that waits for such a program, and others wait on', async () => {
  await using folder = await createTempFolder()
  const gives = 'while [ ! -f go ]; do sleep 0.05; done; echo "{\\"status\\": {\\"token\\": \\"a\\"}}"'
  const file = await folder.write('config', kubeconfigOf('sh', ['-c', gives]))
  await using client = createApiClient(findCluster(file, {}))
  const ending = new AbortController()
  const ended = client.call('GET', '/version', { signal: ending.signal })
  const goesOn = client.call('GET', '/version')
  ending.abort()
  await expect(ended).rejects.toThrow('aborted')
  await folder.write('go', '')
  // Nobody listens there.
  await expect(goesOn).rejects.toThrow('ECONNREFUSED')
})
