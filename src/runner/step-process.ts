import { delimiter, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessSpec } from '../pipeline/plan.ts'
import type { Logger } from '../telemetry/log.ts'
import { findFreePort } from './free-port.ts'
import { signalGroup, spawnGuarded, type GuardedProcess } from './guard.ts'
import { LogLines } from './log-lines.ts'
import { waitUntilReady } from './readiness.ts'

/**
 * One local process and what restarts it.
 *
 * - starting: spawned, not ready yet
 * - ready:    answers at its URL
 * - waiting:  ended, or not ready in time; started again after a backoff
 * - stopped:  disposed
 */
export type ProcessState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'stopped' }

export interface StepProcessDeps {
  readonly log: Logger
  /** Where the output of processes goes, a line at a time. */
  readonly write: (line: string) => void
  /** What processes inherit. */
  readonly env: NodeJS.ProcessEnv
  /** From TERM to KILL, in milliseconds. */
  readonly stopGraceMs: number
}

const firstBackoffMs = 100
const maxBackoffMs = 10_000
/** A process that was up for this long begins its backoff anew. */
const stableMs = 10_000

export class StepProcess implements AsyncDisposable {
  readonly spec: ProcessSpec
  readonly #deps: StepProcessDeps
  readonly #stop = new AbortController()
  readonly #first = Promise.withResolvers<void>()
  readonly #ended: Promise<void>
  #state: ProcessState = { kind: 'starting' }
  #port: number | undefined

  constructor(spec: ProcessSpec, deps: StepProcessDeps) {
    this.spec = spec
    this.#deps = deps
    this.#ended = this.#supervise()
  }

  get state(): ProcessState {
    return this.#state
  }

  /** Resolves when it was ready once, or failed once. */
  get settled(): Promise<void> {
    return this.#first.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stop
    for (let backoffMs = firstBackoffMs; !signal.aborted; backoffMs = Math.min(maxBackoffMs, backoffMs * 2)) {
      const startedAt = performance.now()
      const reason = await this.#runOnce()
      if (signal.aborted) break
      if (performance.now() - startedAt > stableMs) backoffMs = firstBackoffMs
      this.#enter({ kind: 'waiting', reason })
      this.#deps.log.warn({ process: this.spec.key, reason, backoffMs }, 'a step process ended and is started again')
      await delay(backoffMs, undefined, { signal }).catch(() => {})
    }
    this.#enter({ kind: 'stopped' })
  }

  /** Runs the process until it ends; answers why it did. */
  async #runOnce(): Promise<string> {
    this.#port = await findFreePort(this.#port)
    const { command, cwd } = this.spec
    const guard = spawnGuarded({
      command,
      cwd,
      env: childEnvironment(this.#deps.env, this.spec.env, this.#port),
      graceMs: this.#deps.stopGraceMs
    })
    const lines = this.#follow(guard)
    const over = new AbortController()
    const stop = (): void => this.#end(guard, over.signal)
    this.#stop.signal.addEventListener('abort', stop)
    if (this.#stop.signal.aborted) stop()
    const late = this.#watchReadiness(guard, this.#port, over.signal)
    const code = await guard.exited
    over.abort()
    this.#stop.signal.removeEventListener('abort', stop)
    return (await late) ?? exitReason(this.spec, code, lines.last)
  }

  /** Becomes ready when the process does; one that does not in time is ended, and the reason answered. */
  async #watchReadiness(guard: GuardedProcess, port: number, over: AbortSignal): Promise<string | undefined> {
    if (await waitUntilReady(this.spec, port, over)) {
      if (!over.aborted) this.#enter({ kind: 'ready', url: `http://127.0.0.1:${port}` })
      return undefined
    }
    if (over.aborted) return undefined
    this.#end(guard, over)
    return `it was not ready within ${this.spec.readinessTimeoutMs} ms`
  }

  #follow(guard: GuardedProcess): LogLines {
    const prefix = `[${this.spec.key.replace(/^default\//, '')}]`
    const lines = new LogLines(line => this.#deps.write(`${prefix} ${line}`))
    lines.read(guard.stdout)
    lines.read(guard.stderr)
    return lines
  }

  #end(guard: GuardedProcess, over: AbortSignal): void {
    signalGroup(guard, 'SIGTERM')
    const kill = setTimeout(() => signalGroup(guard, 'SIGKILL'), this.#deps.stopGraceMs)
    over.addEventListener('abort', () => clearTimeout(kill))
  }

  #enter(state: ProcessState): void {
    this.#state = state
    if (state.kind !== 'starting') this.#first.resolve()
  }
}

function exitReason({ command, cwd }: ProcessSpec, code: number | undefined, lastLine: string): string {
  const [program = ''] = command
  if (code === undefined) return `it could not be started, or was killed, in ${cwd}`
  if (code === 127) return `the command ${JSON.stringify(program)} was not found`
  if (code === 126) return `the command ${JSON.stringify(program)} cannot be executed`
  return `it ended with exit code ${code}${lastLine === '' ? '' : `: ${lastLine}`}`
}

/** `node` means the gateway's own Node; what is the gateway's own business is not inherited. */
function childEnvironment(
  env: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
  port: number
): NodeJS.ProcessEnv {
  const inherited = Object.entries(env).filter(([name]) => !name.startsWith('SLUICE_'))
  const path = `${dirname(process.execPath)}${delimiter}${env['PATH'] ?? ''}`
  return { ...Object.fromEntries(inherited), PATH: path, ...own, PORT: String(port), HOST: '127.0.0.1' }
}
