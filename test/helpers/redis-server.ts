import { freePort } from './loopback.ts'
import { startProcess, type RunningProcess } from './process.ts'
import { findRedisServer } from './redis-binary.ts'
import { createTempFolder } from './temp-folder.ts'

export interface RedisServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Ends it as a crash would; what it had not written to its folder is lost. */
  kill9(): Promise<void>
  /** Starts it again on the same port and folder; kills it first, if it still runs. */
  restart(): Promise<void>
  /** Holds it still, connections open: a server that hangs. */
  stop(): void
  /** Lets it go on. */
  cont(): void
}

export interface RedisOptions {
  readonly port?: number
  /** After `--save '' --appendonly no`, which they override. */
  readonly args?: readonly string[]
}

/** A Redis server of the test's own, with its files in a temporary folder. */
export async function startRedis({ port, args = [] }: RedisOptions = {}): Promise<RedisServer> {
  const command = findRedisServer()
  await using opening = new AsyncDisposableStack()
  const folder = opening.use(await createTempFolder())
  const chosen = port ?? (await freePort())
  const start = () => launch(command, ['--port', String(chosen), '--dir', folder.path, ...args])
  let running = await start()
  opening.defer(() => running[Symbol.asyncDispose]())
  const owned = opening.move()
  const kill9 = async () => {
    running.kill('SIGKILL')
    await running.exit
  }
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    kill9,
    async restart() {
      await kill9()
      running = await start()
    },
    stop: () => running.kill('SIGSTOP'),
    cont: () => running.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

async function launch(command: string, args: readonly string[]): Promise<RunningProcess> {
  const common = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = await startProcess(command, [...common, ...args])
  try {
    await server.waitForLine(/Ready to accept connections/)
    return server
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}
