import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createTempFolder } from '../helpers/temp-folder.ts'
import { fuzzedPipelines } from './fuzzed-pipelines.ts'
import { createLogJudge, type LogJudge } from './log-judge.ts'

/** An item of a list, with the fields that all lists have. */
export interface Listed {
  readonly id: string
  readonly status?: string
}

export interface FuzzedGateway extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  readonly log: LogJudge
  /** How its process ended; `undefined` while it lives. */
  readonly ended: string | undefined
  /** The sum over all series of a metric. */
  total(metric: string): Promise<number>
  /** A page of a list of the admin plane. */
  list(path: string): Promise<readonly Listed[]>
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const heapMegabytes = 256
/** Never to be seen in a log. */
export const secret = 'fuzz-secret-5f2c'

/** A gateway as anybody would start it, but with a small heap: what it keeps for too long ends it. */
export async function startFuzzedGateway(stepUrl: string, sideUrl: string): Promise<FuzzedGateway> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  const file = await folder.write('pipelines.yaml', fuzzedPipelines(stepUrl, sideUrl))
  const ports = ['--port', '0', '--admin-port', '0']
  const options = ['--store', `sqlite:${folder.path}/fuzz.db`, '--log-level', 'warn', ...ports]
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, main, 'run', file, ...options], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const state: { ended: string | undefined } = { ended: undefined }
  const exit = once(child, 'exit').then(([code, signal]) => (state.ended = `code ${code}, signal ${signal}`))
  opened.defer(async () => {
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await exit
    clearTimeout(force)
  })
  const log = createLogJudge(secret)
  createInterface(child.stderr).on('line', log.judge)
  const [, url = '', adminUrl = ''] = await readyLine(child.stdout)
  const owned = opened.move()
  return {
    url,
    adminUrl,
    log,
    get ended() {
      return state.ended
    },
    total: metric => totalOf(adminUrl, metric),
    list: async path => ((await (await fetch(`${adminUrl}${path}`)).json()) as { items: Listed[] }).items,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

async function readyLine(stdout: NodeJS.ReadableStream): Promise<RegExpExecArray> {
  for await (const line of createInterface(stdout)) {
    const match = /ready on (http:\S+) \(admin (http:[^\s,)]+)/.exec(line)
    if (match !== null) return match
  }
  throw new Error('the gateway ended before it was ready')
}

async function totalOf(adminUrl: string, metric: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const series = [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))]
  return series.reduce((sum, [, value]) => sum + Number(value), 0)
}
