import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startCli } from '../helpers/cli.ts'
import { startProcess, type RunningProcess } from '../helpers/process.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'

export interface WatchedGateway extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  /** The folder of definitions that it watches. */
  readonly definitions: TempFolder
  readonly process: RunningProcess
  /** How long it took to serve, in milliseconds, and how much of a processor. */
  readonly start: { readonly ms: number; readonly processorMs: number }
  /** Resident, in MiB. */
  resident(): Promise<number>
}

const readyLine = /^sluice ready on (http:\/\/127\.0\.0\.1:\d+) \(admin (http:\/\/127\.0\.0\.1:\d+), store .+\)$/
const model = fileURLToPath(new URL('../storm/model.ts', import.meta.url))

/** A model server in a process of its own; answers its URL. */
export async function startModel(): Promise<AsyncDisposable & { readonly url: string }> {
  const step = await startProcess(process.execPath, [model])
  const [, url = ''] = await step.waitForLine(/^model ready on (.*)$/)
  return { url, [Symbol.asyncDispose]: () => step[Symbol.asyncDispose]() }
}

/** `sluice run FOLDER --watch` in a process of its own, with these definitions by the names of their files. */
export async function startWatchedGateway(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = []
): Promise<WatchedGateway> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const definitions = opened.use(await createTempFolder())
  await Promise.all(Object.entries(files).map(([name, text]) => definitions.write(name, text)))
  const own = ['--watch', '--port', '0', '--admin-port', '0', '--store', `sqlite:${folder.path}/s.db`]
  const startedAt = performance.now()
  const cli = opened.use(await startCli(['run', definitions.path, ...own, ...args], { cwd: folder.path }))
  const [, url = '', adminUrl = ''] = await cli.waitForLine(readyLine, 120_000)
  const start = { ms: performance.now() - startedAt, processorMs: processorTimeOf(cli.pid) }
  const owned = opened.move()
  return {
    url,
    adminUrl,
    start,
    definitions,
    process: cli,
    async resident() {
      const text = await (await fetch(`${adminUrl}/metrics`)).text()
      return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1024 / 1024
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** Milliseconds of processor time of a process and its threads: figures on a busy machine say little else. */
function processorTimeOf(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user = 0, system = 0] = rest.split(' ').slice(11, 13).map(Number)
  // The clock of the kernel has a hundred ticks a second.
  return (user + system) * 10
}
