import { fileURLToPath } from 'node:url'
import { startProcess } from '../helpers/process.ts'

/** The models that both contenders call, in a process of their own. */
export interface Models extends AsyncDisposable {
  readonly urls: readonly string[]
}

const file = fileURLToPath(new URL('model-server.ts', import.meta.url))

/** `workMs`: how long each works before it answers. */
export async function startModels(count: number, workMs = 0): Promise<Models> {
  const process = await startProcess(globalThis.process.execPath, [file, String(count), String(workMs)])
  const [, urls = ''] = await process.waitForLine(/^models ready on (.*)$/)
  return { urls: urls.split(' '), [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
}
