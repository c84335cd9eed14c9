import { once } from 'node:events'
import { messageOf } from '../errors.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { LineOutput } from '../telemetry/line-output.ts'
import type { Logger } from '../telemetry/log.ts'
import { explainExit } from './explain-exit.ts'
import { followOutput } from './follow-output.ts'
import { spawnGuarded } from './guard.ts'
import type { Ports } from './ports.ts'
import { waitUntilReady } from './readiness.ts'
import { stepEnvironment } from './step-environment.ts'

export interface InstanceDeps {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Where the output of processes goes. */
  readonly output: LineOutput
  /** The environment that processes inherit. */
  readonly env: () => NodeJS.ProcessEnv
  /** From TERM to KILL, in milliseconds. */
  readonly stopGraceMs: number
  readonly ports: Ports
}

/** The end of a process. */
export interface Ending {
  /** Follows "its process". */
  readonly reason: string
  /** How long it was ready, in milliseconds; `undefined`: it never was. */
  readonly upMs: number | undefined
  /** Somebody else listens at its port, which is not to be used again. */
  readonly portTaken: boolean
}

export interface InstanceOptions {
  readonly spec: ProcessSpec
  /** The port that it gets if it is free; `undefined`: any. */
  readonly port: number | undefined
  readonly onReady: () => void
  /** It does not answer any more, though it may not have ended yet. */
  readonly onDown: () => void
}

/** One process of a step, from its start to its end; it is not started again. */
export class Instance implements AsyncDisposable {
  /** Calls of it that are under way. */
  calls = 0
  /** It gets no more calls, and is stopped when it has none. */
  draining = false
  /** Where it listens; `undefined`: it is not ready. */
  url: string | undefined
  port: number | undefined
  /** Resolves when the process and all that it started have ended. */
  readonly ended: Promise<Ending>
  readonly #options: InstanceOptions
  readonly #deps: InstanceDeps
  readonly #stop = new AbortController()
  readonly #down = Promise.withResolvers<void>()

  constructor(options: InstanceOptions, deps: InstanceDeps) {
    this.#options = options
    this.#deps = deps
    this.ended = this.#run().catch(notStarted)
  }

  /** Resolves when it does not answer any more, though it may not have ended yet. */
  get down(): Promise<void> {
    return this.#down.promise
  }

  /** Somebody wants it to end. */
  get stopping(): boolean {
    return this.#stop.signal.aborted
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.ended
  }

  async #run(): Promise<Ending> {
    const { ports, env: inherited, stopGraceMs: graceMs } = this.#deps
    const { spec } = this.#options
    const { command, cwd, env: own } = spec
    const port = await ports.take(this.#options.port)
    this.port = port
    try {
      const env = stepEnvironment(inherited(), own, port)
      const guarded = await spawnGuarded({ command, cwd, env, graceMs })
      const stderr = followOutput(guarded, spec.step, this.#deps)
      const over = new AbortController()
      void guarded.ended.then(() => over.abort())
      const watched = await this.#watch({ port, leader: guarded.pid }, over.signal)
      await guarded.stop()
      const why = watched.late ?? (await explainExit({ command, cwd, path: env.PATH }, await guarded.ended, stderr))
      return { reason: why, upMs: watched.upMs, portTaken: watched.portTaken }
    } finally {
      ports.release(port)
    }
  }

  /** Until the process has ended, has to be ended, or is late to become ready: then `late` says so. */
  async #watch(at: { readonly port: number; readonly leader: number }, ended: AbortSignal): Promise<Watched> {
    const { port } = at
    const { spec, onReady } = this.#options
    const over = AbortSignal.any([ended, this.#stop.signal])
    const readiness = await waitUntilReady(spec, at, over)
    if (readiness === 'ready' || readiness === 'unchecked') {
      const readyAt = performance.now()
      this.url = `http://127.0.0.1:${port}`
      const fields = { process: spec.step, url: this.url }
      this.#deps.log.info(fields, 'a step process is ready')
      if (readiness === 'unchecked') this.#deps.log.warn(fields, unchecked)
      onReady()
      if (!over.aborted) await once(over, 'abort')
      this.#goDown()
      return { late: undefined, upMs: performance.now() - readyAt, portTaken: false }
    }
    if (over.aborted) return { late: undefined, upMs: undefined, portTaken: false }
    this.#goDown()
    const portTaken = readiness === 'taken'
    return { late: portTaken ? takenPort(port) : lateness(spec, port), upMs: undefined, portTaken }
  }

  #goDown(): void {
    this.url = undefined
    this.#down.resolve()
    this.#options.onDown()
  }
}

type Watched = Omit<Ending, 'reason'> & { readonly late: string | undefined }

const unchecked =
  'nothing here tells which process listens at the port of this step; another one that took it would get its requests'

const takenPort = (port: number): string => `found another process listening at its PORT (${port})`

/** The cause is often a server that does not look at PORT, so it is named. */
function lateness({ readinessPath, readinessTimeoutMs }: ProcessSpec, port: number): string {
  const missed =
    readinessPath === undefined
      ? 'did not accept a connection'
      : `did not answer GET ${readinessPath} with a 2xx status`
  return `${missed} at its PORT (${port}) within ${readinessTimeoutMs} ms`
}

const notStarted = (thrown: unknown): Ending => ({
  reason: `could not be started: ${messageOf(thrown)}`,
  upMs: undefined,
  portTaken: false
})
