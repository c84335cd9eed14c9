import { join } from 'node:path'
import { startGateway } from '../../src/gateway.ts'
import { pipelineText, testConfig, type StepText } from './gateway.ts'
import { builtProgram } from '../programs/built-program.ts'
import type { Program } from '../programs/programs.ts'
import { startProcess, type RunningProcess } from './process.ts'
import { createTempFolder } from './temp-folder.ts'

export interface ReachableGateway extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
}

export interface KillableGateway extends ReachableGateway {
  readonly process: RunningProcess
  /** Ends it at once, as a crash does. */
  kill9(): Promise<void>
}

export interface GatewayOnStore {
  readonly steps: readonly StepText[]
  readonly spec?: Record<string, unknown>
  /** Definitions of other pipelines, in the same file. */
  readonly others?: readonly string[]
  readonly store: string
  /** How long its claims last, in milliseconds. */
  readonly leaseMs?: number
  readonly workers?: number
  /** The program that the process runs, and its arguments beside the above. */
  readonly script?: Program
  /** The folder of another checkout of the project, of which the process runs the sources. */
  readonly checkout?: string
  readonly args?: readonly string[]
}

/** A gateway that is not to be killed: in this process, which costs a tenth of one of its own. */
export async function startSuccessor({
  steps,
  spec,
  others = [],
  store,
  leaseMs = 1_000
}: Omit<GatewayOnStore, 'workers' | 'script' | 'args'>): Promise<ReachableGateway> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const file = await folder.write('test.yaml', [pipelineText(steps, spec), ...others].join('\n---\n'))
  const { url, adminUrl } = opened.use(await startGateway(testConfig({ files: [file], store }), { leaseMs }))
  const owned = opened.move()
  return { url, adminUrl, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A gateway in a process of its own, with one pipeline, `default/test`. */
export async function startKillableGateway({
  steps,
  spec,
  others = [],
  store,
  leaseMs = 1_000,
  workers = 1,
  script = 'test/helpers/gateway-process.ts',
  checkout,
  args = []
}: GatewayOnStore): Promise<KillableGateway> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const file = await folder.write('test.yaml', [pipelineText(steps, spec), ...others].join('\n---\n'))
  const told = [file, store, String(leaseMs), String(workers), ...args]
  const program = checkout === undefined ? await builtProgram(script) : join(checkout, script)
  const child = opened.use(await startProcess(process.execPath, [program, ...told]))
  const [, url = '', adminUrl = ''] = await child.waitForLine(/^ready on (\S+) \(admin (\S+)\)$/)
  const owned = opened.move()
  return {
    url,
    adminUrl,
    process: child,
    async kill9() {
      child.kill('SIGKILL')
      await child.exit
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}
