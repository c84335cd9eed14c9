import { fileURLToPath } from 'node:url'
import { startProcess } from '../helpers/process.ts'

/** The models that both contenders call, in a process of their own. */
export interface Models extends AsyncDisposable {
  readonly urls: readonly string[]
}

const file = fileURLToPath(new URL('model-server.ts', import.meta.url))

export async function startModels(count: number): Promise<Models> {
  const process = await startProcess(globalThis.process.execPath, [file, String(count)])
  const [, urls = ''] = await process.waitForLine(/^models ready on (.*)$/)
  return { urls: urls.split(' '), [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
}
