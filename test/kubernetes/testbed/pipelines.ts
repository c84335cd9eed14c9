import { waitFor } from '../../helpers/wait-for.ts'
import { kubectl, kubectlOk, type KubectlOptions } from './cluster.ts'
import { pipelineDocument } from './sluice-crds.ts'

export interface ShownPipeline {
  readonly metadata: { readonly generation: number; readonly resourceVersion: string; readonly managedFields?: unknown }
  // oxlint-disable-next-line typescript/no-explicit-any -- written by another process, read as it is
  readonly status?: any
}

export const applyPipeline = (
  namespace: string,
  name: string,
  spec: unknown,
  options: KubectlOptions = {}
): Promise<string> =>
  kubectlOk(['apply', '-n', namespace, '-f', '-'], { ...options, stdin: pipelineDocument(name, spec) })

/** `undefined`: there is none. */
export async function readPipeline(
  namespace: string,
  name: string,
  options: KubectlOptions = {}
): Promise<ShownPipeline | undefined> {
  const { code, stdout } = await kubectl(['get', '-n', namespace, 'sp', name, '-o', 'json'], options)
  return code === 0 ? (JSON.parse(stdout) as ShownPipeline) : undefined
}

/** The status as soon as it is so. */
export async function waitForStatus(
  namespace: string,
  name: string,
  // oxlint-disable-next-line typescript/no-explicit-any -- written by another process, read as it is
  isSo: (status: any) => boolean,
  what: string,
  options: KubectlOptions = {}
): // oxlint-disable-next-line typescript/no-explicit-any -- the same
Promise<any> {
  let last: unknown
  try {
    return await waitFor(
      async () => {
        const status = (last = (await readPipeline(namespace, name, options))?.status)
        return status !== undefined && isSo(status) && status
      },
      { what }
    )
  } catch (error) {
    throw new Error(`${what}: ${JSON.stringify(last)}`, { cause: error })
  }
}

export const waitForPhase = (namespace: string, name: string, phase: string, options: KubectlOptions = {}) =>
  waitForStatus(namespace, name, status => status.phase === phase, `${namespace}/${name} to be ${phase}`, options)
