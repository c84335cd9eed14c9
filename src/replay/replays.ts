import { waitFor } from '../delivery/wait.ts'
import { createRequestId } from '../event/request-id.ts'
import { replayDeadLetter, type Replay } from './replay-dead-letter.ts'
import type { ReplayJob, ReplayOrder } from './replay-job.ts'
import { ReplayJobs } from './replay-jobs.ts'
import type { ReplayFrom } from './replay-request.ts'
import { runReplay, type ReplayRunDeps, type ReplayStart } from './replay-run.ts'

export interface ReplaysDeps extends Omit<ReplayRunDeps, 'jobs'> {
  /** This start of this process. */
  readonly owner: string
  /** No other gateway uses the store: what another process began, nobody runs any more. */
  readonly alone: boolean
  /** A job whose owner was silent for longer goes on here. */
  readonly leaseMs: number
}

/** Replays of dead letters: single ones, and bulk replays, of which those that a crash left behind go on. */
export interface Replays extends AsyncDisposable {
  /** Accepts the replay of one dead letter; `undefined`: there is no such. Throws what `replayDeadLetter` throws. */
  replay(id: string, from: ReplayFrom): Promise<Replay | undefined>
  /** Begins a bulk replay; when this resolves it will be carried out, whatever is killed. */
  begin(order: ReplayOrder): Promise<ReplayJob>
  find(id: string): Promise<ReplayJob | undefined>
  /** Ends a bulk replay, wherever it runs; one that is over stays as it is. `undefined`: there is no such. */
  stop(id: string): Promise<ReplayJob | undefined>
  /** Newest first. */
  list(): Promise<readonly ReplayJob[]>
}

/** Finished jobs can be looked at for a day. */
const keptMs = 24 * 3_600_000

export function startReplays(deps: ReplaysDeps): Replays {
  const replays = new RunningReplays(deps)
  replays.start()
  return replays
}

/** A job that writes itself down does so at least this often, in milliseconds. */
const writtenMs = 1_200

/** A bulk replay that runs here. */
interface Run {
  readonly stop: AbortController
  readonly ended: Promise<void>
}

const ignored = (): void => {}

class RunningReplays implements Replays {
  readonly #deps: ReplaysDeps
  readonly #jobs: ReplayJobs
  readonly #stop = new AbortController()
  /** By id of the job. */
  readonly #runs = new Map<string, Run>()
  #timer: NodeJS.Timeout | undefined
  #sweeping = Promise.resolve()

  constructor(deps: ReplaysDeps) {
    this.#deps = deps
    this.#jobs = new ReplayJobs(deps.ledger.documents)
  }

  start(): void {
    this.#sweepNow()
    this.#timer = setInterval(() => this.#sweepNow(), this.#deps.leaseMs)
  }

  async replay(id: string, from: ReplayFrom): Promise<Replay | undefined> {
    const letter = await this.#deps.ledger.deadLetters.read(id)
    return letter && replayDeadLetter(letter, from, this.#deps)
  }

  async begin(order: ReplayOrder): Promise<ReplayJob> {
    const now = Date.now()
    const job: ReplayJob = {
      ...order,
      id: createRequestId(now),
      status: 'running',
      startedAt: now,
      finishedAt: undefined,
      cursor: undefined,
      total: await this.#count(order.filter),
      replayed: 0,
      skipped: 0,
      refused: 0,
      owner: this.#deps.owner,
      beatAt: now
    }
    await this.#jobs.put(job)
    this.#run(job, 'new')
    return job
  }

  find(id: string): Promise<ReplayJob | undefined> {
    return this.#jobs.find(id)
  }

  /** Between two sweeps, which would take it over. */
  stop(id: string): Promise<ReplayJob | undefined> {
    const stopping = this.#sweeping.then(() => this.#end(id))
    this.#sweeping = stopping.then(ignored, ignored)
    return stopping
  }

  list(): Promise<readonly ReplayJob[]> {
    return this.#jobs.list()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearInterval(this.#timer)
    await this.#sweeping
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended))
  }

  /** Whoever else runs it sees at its next write that it is not its own any more; what crossed that is written again. */
  async #end(id: string): Promise<ReplayJob | undefined> {
    const run = this.#runs.get(id)
    run?.stop.abort()
    await run?.ended
    for (;;) {
      const job = await this.#jobs.find(id)
      if (job === undefined || job.finishedAt !== undefined) return job
      const stopped: ReplayJob = { ...job, status: 'stopped', finishedAt: Date.now(), owner: '' }
      await this.#jobs.put(stopped)
      if (run !== undefined || !(await waitFor(writtenMs, this.#stop.signal))) return stopped
    }
  }

  /** The ledger counts dead letters by their pipeline, and by nothing else. */
  async #count({ pipeline, step, code, since }: ReplayOrder['filter']): Promise<number | undefined> {
    if (step !== undefined || code !== undefined || since !== undefined) return undefined
    return this.#deps.ledger.deadLetters.count(pipeline)
  }

  #run(job: ReplayJob, start: ReplayStart): void {
    const { log } = this.#deps
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, stop.signal])
    const ended = runReplay(job, start, { ...this.#deps, jobs: this.#jobs }, signal)
      .catch((thrown: unknown) =>
        log.error({ replay: job.id, err: thrown }, 'a bulk replay met a defect; it is tried again')
      )
      .finally(() => this.#runs.delete(job.id))
    this.#runs.set(job.id, { stop, ended })
  }

  /** One sweep after the other, so that a job is taken over once. */
  #sweepNow(): void {
    this.#sweeping = this.#sweeping.then(() => this.#sweep())
  }

  /** Takes over what nobody runs any more, and forgets what was finished long ago. */
  async #sweep(): Promise<void> {
    try {
      for (const job of await this.#jobs.list()) await this.#attend(job)
    } catch (thrown) {
      this.#deps.log.warn({ err: thrown }, 'bulk replays could not be looked up; the next look is soon')
    }
  }

  async #attend(job: ReplayJob): Promise<void> {
    const now = Date.now()
    if (job.finishedAt !== undefined) {
      if (now - job.finishedAt > keptMs) await this.#jobs.remove(job.id)
    } else if (!this.#runs.has(job.id) && !this.#stop.signal.aborted && this.#isLeft(job, now)) {
      const { owner } = this.#deps
      const taken = { ...job, owner, beatAt: now }
      await this.#jobs.put(taken)
      this.#run(taken, 'resumed')
    }
  }

  #isLeft({ owner, beatAt }: ReplayJob, now: number): boolean {
    const { alone, owner: self, leaseMs } = this.#deps
    return (alone && owner !== self) || now - beatAt >= leaseMs
  }
}
