import { fileURLToPath } from 'node:url'
import { startProcess, type RunningProcess } from '../helpers/process.ts'

/** A process that serves POST /bench/chain-N, the gateway or the floor beside it. */
export interface Contender extends AsyncDisposable {
  readonly url: string
  readonly process: RunningProcess
}

const floorFile = fileURLToPath(new URL('floor.ts', import.meta.url))

/** The floor over these models, serving. */
export function startFloor(models: readonly string[]): Promise<Contender> {
  return serving(startProcess(process.execPath, [floorFile, ...models]), /^floor ready on (\S+)/)
}

export interface GatewayOptions {
  /** The `main.ts` to run: this checkout's, or another's to compare with. */
  readonly main: string
  /** Where the pipelines are, and where the gateway's store may be. */
  readonly folder: string
  readonly nodeOptions?: readonly string[]
}

/** The gateway over all pipelines of a folder, serving. */
export function startGateway({ main, folder, nodeOptions = [] }: GatewayOptions): Promise<Contender> {
  const args = [...nodeOptions, main, 'run', folder, '--port', '0', '--admin-port', '0']
  return serving(startProcess(process.execPath, args, { cwd: folder }), /^sluice ready on (\S+)/)
}

async function serving(starting: Promise<RunningProcess>, readyLine: RegExp): Promise<Contender> {
  await using opening = new AsyncDisposableStack()
  const process = opening.use(await starting)
  const [, url = ''] = await process.waitForLine(readyLine, 180_000)
  const owned = opening.move()
  return { url, process, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
