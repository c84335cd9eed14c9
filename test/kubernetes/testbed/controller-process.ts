import { inject } from 'vitest'
import { startCli } from '../../helpers/cli.ts'
import type { RunningProcess } from '../../helpers/process.ts'

export interface ControllerOptions {
  readonly namespace?: string
  /** The admin plane of a gateway; nobody listens there unless given. */
  readonly gatewayAdmin?: string
  readonly gatewayUrl?: string
  readonly kubeconfig?: string
  /** Where KEDA reads metrics; KEDA is not used unless given. */
  readonly prometheusUrl?: string
}

/** `sluice controller` as a process. */
export async function startControllerCli(options: ControllerOptions = {}): Promise<RunningProcess> {
  const { namespace, gatewayAdmin = 'http://127.0.0.1:1', gatewayUrl = 'http://gateway.example' } = options
  const { kubeconfig = inject('cluster').kubeconfig, prometheusUrl } = options
  const process = await startCli([
    'controller',
    '--kubeconfig',
    kubeconfig,
    '--admin-port',
    '0',
    '--gateway-admin',
    gatewayAdmin,
    '--gateway-url',
    gatewayUrl,
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(prometheusUrl === undefined ? [] : ['--prometheus-url', prometheusUrl])
  ])
  try {
    await process.waitForLine(/^sluice controller ready/)
    return process
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}
