import { setTimeout as delay } from 'node:timers/promises'
import { restartDelay, workerRestarts } from '../runner/restart-delay.ts'
import type { FamilySnapshot } from '../telemetry/family-snapshot.ts'
import type { Logger } from '../telemetry/log.ts'
import { mergeSnapshots } from '../telemetry/merge-snapshots.ts'
import type { Standing } from '../control/served.ts'
import type { Question, ToWorker, WorkerStart } from './message.ts'
import { WorkerProcess, type WorkerProcessDeps } from './worker-process.ts'
import type { WorkerReport } from './worker-report.ts'

export interface SupervisedWorkerDeps extends Omit<WorkerProcessDeps, 'start'> {
  readonly start: () => Omit<WorkerStart, 'no'>
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** One worker, started again whenever its process ends, after growing delays, until it is disposed. */
export class SupervisedWorker implements AsyncDisposable {
  /** From 1 on. */
  readonly no: number
  /** The first start: the URL of its data plane, or why it could not start. */
  readonly serving: Promise<string>
  readonly #deps: SupervisedWorkerDeps
  readonly #stop = new AbortController()
  readonly #supervised: Promise<void>
  #process: WorkerProcess
  /** Why it does not serve now. */
  #fault: string | undefined = 'is starting'
  /** Counts of its former processes: they must never go back. */
  #past: readonly FamilySnapshot[] = []

  constructor(no: number, deps: SupervisedWorkerDeps) {
    this.no = no
    this.#deps = deps
    this.#process = this.#fork()
    this.serving = this.#process.serving
    this.#supervised = this.#supervise()
  }

  /** `undefined`: it serves. */
  get fault(): string | undefined {
    return this.#fault
  }

  tell(message: ToWorker): void {
    this.#process.tell(message)
  }

  ask(question: Question): Promise<readonly Standing[]> {
    return this.#process.ask(question)
  }

  async report(): Promise<WorkerReport> {
    const past = this.#past
    const report = await this.#process.report()
    return { ...report, metrics: mergeSnapshots([report.metrics, past]) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#stop.abort()
      await this.#process.stop()
    }
    await this.#supervised
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stop
    const { log } = this.#deps
    let delayMs: number | undefined
    for (;;) {
      const { reason, upMs } = await this.#watch()
      if (signal.aborted) return
      delayMs = restartDelay(delayMs, upMs, workerRestarts)
      log.warn({ worker: this.no, reason, restartInMs: delayMs }, 'a worker ended and will be started again')
      await delay(delayMs, undefined, { signal }).catch(() => {})
      this.#past = mergeSnapshots([this.#past, (await this.#process.report()).metrics])
      if (signal.aborted) return
      this.#fault = 'is starting'
      this.#process = this.#fork()
    }
  }

  /** Until the process has ended. */
  async #watch(): Promise<{ reason: string; upMs: number }> {
    const running = this.#process
    let servingSince: number | undefined
    running.serving.then(
      () => {
        this.#fault = undefined
        servingSince = performance.now()
        this.#deps.log.info({ worker: this.no, pid: running.pid }, 'a worker serves')
      },
      () => {}
    )
    const reason = await running.ended
    this.#fault = reason
    return { reason, upMs: servingSince === undefined ? 0 : performance.now() - servingSince }
  }

  #fork(): WorkerProcess {
    const { start } = this.#deps
    return new WorkerProcess({ ...this.#deps, start: () => ({ ...start(), no: this.no }) })
  }
}
