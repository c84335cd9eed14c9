import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { findCluster } from '../../../src/kubernetes/client/access/find-cluster.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { createApiClient, type ApiClient } from '../../../src/kubernetes/client/api-client.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface KubectlOptions {
  readonly stdin?: string
  readonly kubeconfig?: string
}

/** Runs kubectl to its end, as the administrator of the shared control plane unless told otherwise. */
export function kubectl(args: readonly string[], { stdin, kubeconfig }: KubectlOptions = {}): Promise<Ran> {
  const { kubectl: program } = inject('programs')
  const all = ['--kubeconfig', kubeconfig ?? inject('cluster').kubeconfig, ...args]
  return new Promise(resolve => {
    const child = execFile(program, all, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    )
    // One that ends before it has read says why by its code.
    child.stdin?.on('error', () => {})
    child.stdin?.end(stdin ?? '')
  })
}

/** As `kubectl`, and throws what it says where it fails. */
export async function kubectlOk(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, options)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return stdout
}

/** An object, or a list, as it is; `undefined`: there is none. `what`: arguments of `kubectl get`. */
// oxlint-disable-next-line typescript/no-explicit-any -- objects of Kubernetes, read as they are
export async function getObject(namespace: string, what: string, options: KubectlOptions = {}): Promise<any> {
  const { code, stdout } = await kubectl(['get', '-n', namespace, ...what.split(' '), '-o', 'json'], options)
  return code === 0 ? JSON.parse(stdout) : undefined
}

/** Waits until the API server serves these CustomResourceDefinitions; one that is new has no conditions for a moment. */
export async function waitForKinds(names: readonly string[], options: KubectlOptions = {}): Promise<void> {
  const crds = names.map(name => `crd/${name}`)
  await waitFor(async () => kubectlOk(['wait', '--for=condition=Established', ...crds, '--timeout=10s'], options), {
    what: `${names.join(', ')} to be served`
  })
}

/** A client of the shared control plane, or of another one. */
export const clientOf = (kubeconfig: string = inject('cluster').kubeconfig): ApiClient =>
  createApiClient(findCluster(kubeconfig, {}))

/** A namespace of the test's own, gone with all that is in it. */
export async function createNamespace(kubeconfig?: string): Promise<AsyncDisposable & { readonly name: string }> {
  const name = `test-${randomBytes(4).toString('hex')}`
  const options = kubeconfig === undefined ? {} : { kubeconfig }
  await kubectlOk(['create', 'namespace', name], options)
  return {
    name,
    async [Symbol.asyncDispose]() {
      await kubectl(['delete', 'namespace', name, '--wait=false'], options)
    }
  }
}
