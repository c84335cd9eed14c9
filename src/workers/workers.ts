import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { ownFile } from '../own-files.ts'
import type { InFlightStates } from '../mover/in-flight-states.ts'
import type { FamilySnapshot } from '../telemetry/family-snapshot.ts'
import { mergeSnapshots } from '../telemetry/merge-snapshots.ts'
import type { ServedChanges, Standing } from '../control/served.ts'
import { addedUp } from '../control/added-up.ts'
import { toldChanges } from '../control/told-served.ts'
import type { Cancelled, Question, ToWorker } from './message.ts'
import type { ToldValues } from './told-values.ts'
import { SupervisedWorker, type SupervisedWorkerDeps } from './supervised-worker.ts'

const program = fileURLToPath(ownFile('worker'))

export interface WorkersDeps extends Omit<SupervisedWorkerDeps, 'onCancelled'> {
  readonly count: number
}

/** The processes that take requests, each started again when it ends. Disposing drains them. */
export class Workers implements AsyncDisposable {
  readonly #deps: WorkersDeps
  #workers: readonly SupervisedWorker[] = []

  constructor(deps: WorkersDeps) {
    this.#deps = deps
  }

  /** Resolves with the URL of the data plane when all serve; rejects with why one could not start. */
  async start(): Promise<string> {
    // Where the kernel cannot spread connections over several sockets, workers take them from one.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    // `advanced`: binary data goes from process to process as it is. `silent`: what they write comes to us.
    cluster.setupPrimary({ exec: program, args: [], serialization: 'advanced', silent: true })
    const deps = { ...this.#deps, onCancelled: (message: Cancelled) => this.tell(message) }
    this.#workers = Array.from({ length: this.#deps.count }, (_, i) => new SupervisedWorker(i + 1, deps))
    const [url = ''] = await Promise.all(this.#workers.map(worker => worker.serving))
    return url
  }

  /** The fault of each, if any. */
  get checks(): readonly { readonly name: string; readonly fault: () => string | undefined }[] {
    return Array.from({ length: this.#deps.count }, (_, i) => ({
      name: `worker ${i + 1}`,
      fault: () => (this.#workers[i] === undefined ? 'is not started yet' : this.#workers[i].fault)
    }))
  }

  tell(message: ToWorker): void {
    for (const worker of this.#workers) worker.tell(message)
  }

  /** Resolves when each serves so. */
  async apply(changes: ServedChanges): Promise<void> {
    const question = { ...nothing, changes: toldChanges(changes) }
    await Promise.all(this.#workers.map(worker => worker.ask(question)))
  }

  /** Resolves when each knows them. */
  async tellValues(values: ToldValues): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.ask({ ...nothing, values })))
  }

  /** The requests of these pipelines that are in flight, of all workers together. */
  async standing(pipelines: readonly string[]): Promise<readonly Standing[]> {
    const question = { ...nothing, standing: pipelines }
    const answers = await Promise.all(this.#workers.map(worker => worker.ask(question)))
    return [...Map.groupBy(answers.flat(), ({ pipeline }) => pipeline).values()].map(together)
  }

  /** The stored requests that run in any of them, and how far they are. */
  async inFlight(): Promise<InFlightStates> {
    const reports = await Promise.all(this.#workers.map(worker => worker.report()))
    return new Map(reports.flatMap(({ inFlight }) => [...inFlight]))
  }

  /** As those of one process; `own` are the metrics of this one. */
  async metrics(own: readonly FamilySnapshot[]): Promise<readonly FamilySnapshot[]> {
    const reports = await Promise.all(this.#workers.map(worker => worker.report()))
    return mergeSnapshots([own, ...reports.map(({ metrics }) => metrics)])
  }

  async breakers() {
    const reports = await Promise.all(this.#workers.map(async worker => ({ worker, report: await worker.report() })))
    return reports.flatMap(({ worker, report }) => report.breakers.map(each => ({ worker: worker.no, ...each })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker[Symbol.asyncDispose]()))
  }
}

const nothing: Question = { values: undefined, changes: { put: [], removed: [] }, standing: [] }

const together = (standings: readonly Standing[]): Standing => ({
  pipeline: standings[0]?.pipeline ?? '',
  inFlight: addedUp(standings.flatMap(({ inFlight }) => inFlight)),
  cut: standings.reduce((sum, { cut }) => sum + cut, 0)
})
