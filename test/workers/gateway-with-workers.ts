import { request, type OutgoingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { startCli } from '../helpers/cli.ts'
import type { StepText } from '../helpers/gateway.ts'
import type { RunningProcess } from '../helpers/process.ts'
import { createTempFolder, type TempFolder } from '../helpers/temp-folder.ts'
import { waitFor } from '../helpers/wait-for.ts'

export interface GatewayWithWorkers extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  readonly folder: TempFolder
  readonly process: RunningProcess
  /** The log so far: its lines as they were written. */
  log(): readonly LogLine[]
  /** The processes of worker 1, 2, … as they were last started; `count` starts were logged by then. */
  pids(count?: number): Promise<readonly number[]>
  /** By a connection of its own, which any worker may get. */
  call(path: string, options?: CallOptions): Promise<Answer>
  /** Asks the admin plane. */
  admin(path: string, method?: string): Promise<Answer>
}

export interface LogLine {
  readonly msg: string
  readonly worker?: number
  readonly pid?: number
  readonly reason?: string
}

export interface CallOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  /** Parsed; it is what the test says it is. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: () => any
}

export interface WorkersOptions {
  readonly steps: readonly StepText[]
  /** Fields of `spec` beside the steps. */
  readonly spec?: Record<string, unknown>
  readonly workers?: number
  /** An SQLite file of its own when left out. */
  readonly store?: string
  readonly args?: readonly string[]
}

const readyLine = /^sluice ready on (http:\/\/127\.0\.0\.1:\d+) \(admin (http:\/\/127\.0\.0\.1:\d+), store .+\)$/

/** `sluice run --workers 2` as a process, with one pipeline, `default/test`. */
export async function startWorkers(options: WorkersOptions): Promise<GatewayWithWorkers> {
  const { steps, spec, workers = 2, store = 'sqlite:test.db', args = [] } = options
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await createTempFolder())
  await folder.write(
    'test.json',
    definition({ ...spec, steps: steps.map(step => (typeof step === 'string' ? { uri: step } : step)) })
  )
  const ports = ['--port', '0', '--admin-port', '0']
  const command = ['run', 'test.json', ...ports, '--workers', String(workers), '--store', store, ...args]
  const process = opened.use(await startCli(command, { cwd: folder.path }))
  const [, url = '', adminUrl = ''] = await process.waitForLine(readyLine)
  const owned = opened.move()
  const log = () => logOf(process)
  return {
    url,
    adminUrl,
    folder,
    process,
    log,
    pids: async (count = workers) => {
      const starts = () => log().filter(({ msg }) => msg === 'a worker serves')
      await waitFor(() => starts().length >= count, { what: `start ${count} of a worker`, timeoutMs: 30_000 })
      const byNo = new Map(starts().map(({ worker, pid = 0 }) => [worker, pid]))
      return Array.from({ length: workers }, (_, i) => byNo.get(i + 1) ?? 0)
    },
    call: (path, init) => callOnce(url + path, init),
    admin: (path, method = 'GET') => callOnce(adminUrl + path, { method }),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** The text of a definition of `default/test`. */
export const definition = (spec: Record<string, unknown>): string =>
  JSON.stringify({ apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata: { name: 'test' }, spec })

function logOf({ output }: RunningProcess): LogLine[] {
  const lines = output.stderr.split('\n').slice(0, -1)
  return lines.filter(line => line.startsWith('{')).map((line): LogLine => JSON.parse(line))
}

/** By a connection of its own. */
export function callOnce(url: string, { method = 'GET', headers = {}, body }: CallOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, incoming => {
      text(incoming).then(
        content =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: content,
            json: () => JSON.parse(content)
          }),
        reject
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const json = { 'content-type': 'application/json' }

/** POSTs `{"n": n}` to the pipeline. */
export const post = (gateway: GatewayWithWorkers, n: number, headers: OutgoingHttpHeaders = {}): Promise<Answer> =>
  gateway.call('/default/test', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify({ n }) })

/** So many at once, so that it is all but certain that every worker gets some. */
export const many = <T>(count: number, each: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => each(i)))

/** Accepts a request, and gives its path. */
export async function accept(gateway: GatewayWithWorkers, n: number): Promise<string> {
  const { headers, status, text } = await post(gateway, n, { prefer: 'respond-async' })
  if (status !== 202) throw new Error(`not accepted: ${status} ${text}`)
  return String(headers['location'])
}
