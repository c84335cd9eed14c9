import { inject } from 'vitest'
import { startCli } from '../../helpers/cli.ts'
import type { RunningProcess } from '../../helpers/process.ts'

export interface ClusterGateway extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  readonly process: RunningProcess
  /** POSTs to `namespace/name`. */
  post(pipeline: string, body?: string, headers?: Record<string, string>): Promise<Response>
}

/** `sluice run --kubernetes` as a process, with a store in memory. */
export async function startClusterGateway(
  args: readonly string[],
  kubeconfig: string = inject('cluster').kubeconfig
): Promise<ClusterGateway> {
  const ports = ['--port', '0', '--admin-port', '0', '--store', 'sqlite::memory:']
  const process = await startCli(['run', '--kubernetes', '--kubeconfig', kubeconfig, ...ports, ...args])
  try {
    const [, url = '', adminUrl = ''] = await process.waitForLine(/^sluice ready on (\S+) \(admin (http[^,]+),/)
    return {
      url,
      adminUrl,
      process,
      post: (pipeline, body = '{"text":"hello"}', headers = {}) =>
        fetch(`${url}/${pipeline}`, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...headers }
        }),
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]()
    }
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}
