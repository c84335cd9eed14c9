import { startCli } from '../helpers/cli.ts'
import type { RunningProcess } from '../helpers/process.ts'
import { startStep } from '../helpers/step-server.ts'
import { createTempFolder } from '../helpers/temp-folder.ts'

/** The gateway as a process on a store that a test spoils, and a step that counts how often each piece of work is done. */
export interface StoreScene extends AsyncDisposable {
  readonly gateway: RunningProcess
  readonly url: string
  readonly adminUrl: string
  /** The file that defines the pipeline. */
  readonly definition: string
  /** How often the step was called, by what it was sent. */
  readonly executions: ReadonlyMap<string, number>
  /** POSTs to the pipeline `default/test`. */
  post(body: string, headers?: Record<string, string>): Promise<Response>
}

export interface SceneOptions {
  readonly store: string
  /** Fields of `spec` beside the steps. */
  readonly spec?: Record<string, unknown>
  /** Fields of the step beside its address. */
  readonly step?: Record<string, unknown>
  /** The step does this before it answers; when it throws, the answer is 500. */
  readonly work?: (body: string) => Promise<void>
  readonly env?: NodeJS.ProcessEnv
}

const readyLine = /^sluice ready on (http:\S+) \(admin (http:\S+), store .+\)$/

export async function startStoreScene({ store, spec, step: options, work, env }: SceneOptions): Promise<StoreScene> {
  await using opened = new AsyncDisposableStack()
  const executions = new Map<string, number>()
  const step = opened.use(
    await startStep(async ({ body }) => {
      const text = body.toString()
      executions.set(text, (executions.get(text) ?? 0) + 1)
      await work?.(text)
      return { headers: { 'content-type': 'text/plain' }, body: text }
    })
  )
  const folder = opened.use(await createTempFolder())
  const file = await folder.write(
    'test.json',
    JSON.stringify({
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'ServingPipeline',
      metadata: { name: 'test' },
      spec: { ...spec, steps: [{ ...options, name: 'only', uri: step.url }] }
    })
  )
  const args = ['run', file, '--port', '0', '--admin-port', '0', '--store', store]
  const gateway = opened.use(await startCli(args, { cwd: folder.path, ...(env && { env }) }))
  const [, url = '', adminUrl = ''] = await gateway.waitForLine(readyLine)
  const owned = opened.move()
  return {
    gateway,
    url,
    adminUrl,
    definition: file,
    executions,
    post: (body, headers = {}) =>
      fetch(`${url}/default/test`, { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}
