import { inject } from 'vitest'
import { startCli } from '../../helpers/cli.ts'
import type { RunningProcess } from '../../helpers/process.ts'
import { waitFor } from '../../helpers/wait-for.ts'

export interface ClusterGateway extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  readonly process: RunningProcess
  /** POSTs to `namespace/name`; by a connection of its own where workers share the port, which any of them may get. */
  post(pipeline: string, body?: string, headers?: Record<string, string>): Promise<Response>
}

/** `sluice run --kubernetes` as a process, with a store in memory. */
export async function startClusterGateway(
  args: readonly string[],
  kubeconfig: string = inject('cluster').kubeconfig,
  env: Readonly<Record<string, string>> = {}
): Promise<ClusterGateway> {
  const ports = ['--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
  const connection = args.includes('--workers') ? { connection: 'close' } : undefined
  const running = await startCli(['run', '--kubernetes', '--kubeconfig', kubeconfig, ...ports, ...args], { env })
  try {
    const [, url = '', adminUrl = ''] = await running.waitForLine(/^sluice ready on (\S+) \(admin (http[^,]+),/)
    return {
      url,
      adminUrl,
      process: running,
      post: (pipeline, body = '{"text":"hello"}', headers = {}) =>
        fetch(`${url}/${pipeline}`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...connection, ...headers }
        }),
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]()
    }
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
}

/** So many answers at once that it is all but certain that every worker gave some. */
export const manyTexts = ({ post }: ClusterGateway, pipeline: string): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: 16 }, async () => (await post(pipeline)).text()))

/** Resolves when every worker answers so. */
export async function answers(gateway: ClusterGateway, pipeline: string, text: string): Promise<void> {
  await waitFor(async () => (await manyTexts(gateway, pipeline)).every(answer => answer === JSON.stringify(text)), {
    what: `${pipeline} to answer ${text}`
  })
}

/** The conditions of a pipeline, as the admin plane tells them. */
export async function conditionsOf({ adminUrl }: ClusterGateway, pipeline: string): Promise<Record<string, string>> {
  const [namespace, name] = pipeline.split('/')
  const url = `${adminUrl}/apis/sluice.dev/v1alpha1/namespaces/${namespace}/servingpipelines/${name}/status`
  const status = (await (await fetch(url)).json()) as { conditions?: { type: string; status: string }[] }
  return Object.fromEntries((status.conditions ?? []).map(({ type, status: is }) => [type, is]))
}

/** Kills a worker; resolves when all serve again. */
export async function killWorker({ process: { output }, adminUrl }: ClusterGateway, no: number): Promise<void> {
  const serving = () =>
    output.stderr.split('\n').flatMap(line => {
      const { msg, worker, pid } = line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : {}
      return msg === 'a worker serves' && worker === no ? [Number(pid)] : []
    })
  const before = serving()
  process.kill(before.at(-1) ?? 0, 'SIGKILL')
  await waitFor(() => serving().length > before.length, { what: 'the next start of the worker' })
  await waitFor(async () => (await fetch(`${adminUrl}/readyz`)).status === 200, { what: 'the gateway to be ready' })
}
