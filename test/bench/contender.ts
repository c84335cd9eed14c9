import { fileURLToPath } from 'node:url'
import { startProcess, type RunningProcess } from '../helpers/process.ts'

/** A process that serves POST /bench/chain-N, the gateway or the floor beside it. */
export interface Contender extends AsyncDisposable {
  readonly url: string
  readonly process: RunningProcess
}

/** A server of the benchmark, by its file in this folder, serving. */
export async function startServer(
  file: string,
  args: readonly string[],
  { nodeOptions = [] }: { readonly nodeOptions?: readonly string[] } = {}
): Promise<Contender> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return serving(await startProcess(process.execPath, [...nodeOptions, path, ...args]), /^\S+ ready on (\S+)/)
}

/** The floor over these models, serving. */
export const startFloor = (models: readonly string[]): Promise<Contender> => startServer('floor.ts', models)

/** The gateway, serving. */
export interface GatewayContender extends Contender {
  readonly adminUrl: string
}

export interface GatewayOptions {
  /** The `main.ts` to run: this checkout's, or another's to compare with. */
  readonly main: string
  /** Where the pipelines are, and where the gateway's store may be. */
  readonly folder: string
  readonly nodeOptions?: readonly string[]
  /** Default: a file in the folder. */
  readonly store?: string
}

/** The gateway over all pipelines of a folder, serving. */
export async function startGateway(options: GatewayOptions): Promise<GatewayContender> {
  const { main, folder, nodeOptions = [], store } = options
  const args = [...nodeOptions, main, 'run', folder, '--port', '0', '--admin-port', '0']
  if (store !== undefined) args.push('--store', store)
  const gateway = await serving(await startProcess(process.execPath, args, { cwd: folder }), /^sluice ready on (\S+)/)
  const [, adminUrl = ''] = await gateway.process.waitForLine(/\(admin ([^\s,]+)/)
  return { ...gateway, adminUrl }
}

async function serving(process: RunningProcess, readyLine: RegExp): Promise<Contender> {
  await using opening = new AsyncDisposableStack()
  opening.use(process)
  const [, url = ''] = await process.waitForLine(readyLine, 600_000)
  const owned = opening.move()
  return { url, process, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
