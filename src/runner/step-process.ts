import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessSpec } from '../pipeline/plan.ts'
import type { LineOutput } from '../telemetry/line-output.ts'
import type { Logger } from '../telemetry/log.ts'
import { explainExit } from './explain-exit.ts'
import { followOutput } from './follow-output.ts'
import { spawnGuarded } from './guard.ts'
import type { Ports } from './ports.ts'
import { waitUntilReady } from './readiness.ts'
import { restartDelay } from './restart-delay.ts'
import { stepEnvironment } from './step-environment.ts'

/**
 * One local process and what restarts it.
 *
 * - starting: was not ready yet, and has not failed yet
 * - ready:    answers at its URL
 * - failing:  ended, or was not ready in time; is started again and again, after growing delays, until it is ready
 * - stopped:  disposed; final
 */
export type ProcessState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly url: string }
  /** The reason follows "its process". */
  | { readonly kind: 'failing'; readonly reason: string }
  | { readonly kind: 'stopped' }

/** How a process does, for whoever tells of its step. */
export interface ProcessHealth {
  readonly state: ProcessState
  /** It was ready at some time. */
  readonly wasReady: boolean
  /** Starts in a row that did not last. */
  readonly failures: number
}

export interface StepProcessDeps {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Where the output of processes goes. */
  readonly output: LineOutput
  /** The environment that processes inherit. */
  readonly env: () => NodeJS.ProcessEnv
  /** From TERM to KILL, in milliseconds. */
  readonly stopGraceMs: number
  readonly ports: Ports
  /** Called with each change of state. */
  readonly changed: () => void
}

/** A process that was ready for longer, in milliseconds, did not fail in a row with those before it. */
const lastingMs = 10_000

interface Run {
  readonly reason: string
  /** How long it was ready. */
  readonly upMs: number
}

/** Starts a process, and again whenever it ends, until it is disposed. */
export class StepProcess implements AsyncDisposable {
  readonly spec: ProcessSpec
  readonly #deps: StepProcessDeps
  readonly #stop = new AbortController()
  readonly #settled = Promise.withResolvers<void>()
  readonly #supervised: Promise<void>
  #state: ProcessState = { kind: 'starting' }
  #port: number | undefined
  #wasReady = false
  #failures = 0

  constructor(spec: ProcessSpec, deps: StepProcessDeps) {
    this.spec = spec
    this.#deps = deps
    this.#supervised = this.#supervise()
  }

  get state(): ProcessState {
    return this.#state
  }

  get health(): ProcessHealth {
    return { state: this.#state, wasReady: this.#wasReady, failures: this.#failures }
  }

  /** Resolves when it was ready once, or failed once. */
  get settled(): Promise<void> {
    return this.#settled.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#supervised
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stop
    let delayMs: number | undefined
    while (!signal.aborted) {
      const { reason, upMs } = await this.#run().catch(notStarted)
      if (signal.aborted) break
      delayMs = restartDelay(delayMs, upMs)
      this.#failures = upMs > lastingMs ? 1 : this.#failures + 1
      this.#enter({ kind: 'failing', reason })
      const fields = { process: this.spec.step, reason, restartInMs: delayMs }
      this.#deps.log.warn(fields, 'a step process failed and will be started again')
      await delay(delayMs, undefined, { signal }).catch(() => {})
    }
    this.#enter({ kind: 'stopped' })
  }

  /** Runs the process until it ends or has to be ended. */
  async #run(): Promise<Run> {
    const { ports, env: inherited, stopGraceMs: graceMs } = this.#deps
    const { command, cwd, env: own } = this.spec
    const port = await ports.take(this.#port)
    this.#port = port
    try {
      const env = stepEnvironment(inherited(), own, port)
      const guarded = await spawnGuarded({ command, cwd, env, graceMs })
      const stderr = followOutput(guarded, this.spec.step, this.#deps)
      const over = new AbortController()
      void guarded.ended.then(() => over.abort())
      const { late, upMs } = await this.#watch({ port, leader: guarded.pid }, over.signal)
      await guarded.stop()
      return {
        reason: late ?? (await explainExit({ command, cwd, path: env.PATH }, await guarded.ended, stderr)),
        upMs
      }
    } finally {
      ports.release(port)
    }
  }

  /** Until the process has ended, has to be ended, or is late to become ready: then `late` says so. */
  async #watch(
    at: { readonly port: number; readonly leader: number },
    ended: AbortSignal
  ): Promise<{ late: string | undefined; upMs: number }> {
    const { port } = at
    const over = AbortSignal.any([ended, this.#stop.signal])
    const readiness = await waitUntilReady(this.spec, at, over)
    if (readiness === 'ready' || readiness === 'unchecked') {
      const readyAt = performance.now()
      const url = `http://127.0.0.1:${port}`
      this.#wasReady = true
      this.#enter({ kind: 'ready', url })
      this.#deps.log.info({ process: this.spec.step, url }, 'a step process is ready')
      if (readiness === 'unchecked') this.#deps.log.warn({ process: this.spec.step, url }, unchecked)
      if (!over.aborted) await once(over, 'abort')
      this.#enter({ kind: 'failing', reason: 'has ended' })
      return { late: undefined, upMs: performance.now() - readyAt }
    }
    if (over.aborted) return { late: undefined, upMs: 0 }
    if (readiness === 'taken') this.#port = undefined
    const late = readiness === 'taken' ? takenPort(port) : lateness(this.spec, port)
    this.#enter({ kind: 'failing', reason: late })
    return { late, upMs: 0 }
  }

  #enter(state: ProcessState): void {
    this.#state = state
    this.#deps.changed()
    if (state.kind !== 'starting') this.#settled.resolve()
  }
}

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

const notStarted = (thrown: unknown): Run => ({
  reason: `could not be started: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  upMs: 0
})
