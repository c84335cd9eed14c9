import { waitFor } from '../delivery/wait.ts'
import { SluiceError, type ErrorCode } from '../errors.ts'
import type { DeadLetterSummary } from '../ledger/dead-letters.ts'
import type { Logger } from '../telemetry/log.ts'
import { writeUntilTaken } from '../mover/write-until-taken.ts'
import { replayDeadLetter, type ReplayDeps } from './replay-dead-letter.ts'
import { isSince, type ReplayJob } from './replay-job.ts'
import type { ReplayJobs } from './replay-jobs.ts'
import { createPace, type Pace } from './replay-pace.ts'

export interface ReplayRunDeps extends ReplayDeps {
  readonly jobs: ReplayJobs
  /** Whether requests of the pipeline wait for a breaker. */
  readonly held: (pipeline: string) => boolean
  readonly log: Logger
}

/** The outcome for a dead letter, as the job counts it. */
type Count = 'replayed' | 'skipped' | 'refused'

/** Begun now, or gone on with: after a crash, say. */
export type ReplayStart = 'new' | 'resumed'

/** How often a paused job looks whether it may go on, in milliseconds. */
const pauseMs = 500
/** Dead letters that are read at once; at least once a second the job is written down. */
const maxPage = 100

/** Nothing that waiting would change. */
const refusals: ReadonlySet<ErrorCode> = new Set(['PIPELINE_NOT_FOUND', 'INVALID_REQUEST'])

/**
 * Runs a job from its cursor to its end, unless it is stopped (then the job is given back) or taken over by another
 * replica. After a crash the job meets again the dead letters that it replayed since the cursor was last written, and
 * does not replay them twice.
 */
export async function runReplay(
  job: ReplayJob,
  start: ReplayStart,
  deps: ReplayRunDeps,
  signal: AbortSignal
): Promise<void> {
  await new ReplayRun(job, start, deps, signal).run()
}

class ReplayRun {
  #job: ReplayJob
  /** Whether closed dead letters are looked at: after the cursor can be some that this job replayed before a crash. */
  readonly #closedToo: boolean
  readonly #deps: ReplayRunDeps
  readonly #signal: AbortSignal
  readonly #pace: Pace

  constructor(job: ReplayJob, start: ReplayStart, deps: ReplayRunDeps, signal: AbortSignal) {
    this.#job = job
    this.#closedToo = start === 'resumed'
    this.#deps = deps
    this.#signal = signal
    this.#pace = createPace(job.rate)
  }

  async run(): Promise<void> {
    const pageSize = Math.min(maxPage, Math.ceil(this.#job.rate))
    for (;;) {
      const letters = await this.#nextLetters(pageSize)
      if (letters === undefined) return this.#giveBack()
      for (const letter of letters) {
        const count = await this.#replay(letter)
        if (count === undefined) return this.#giveBack()
        this.#job = { ...this.#job, cursor: letter.record.id }
        if (count !== 'closed') this.#job = { ...this.#job, [count]: this.#job[count] + 1 }
      }
      if (letters.length < pageSize) return this.#finish()
      if (!(await this.#save({}))) return
    }
  }

  /** `undefined`: stopped. */
  #nextLetters(limit: number): Promise<readonly DeadLetterSummary[] | undefined> {
    const { filter, cursor } = this.#job
    return this.#persist(async () => {
      const wanted = { ...filter, closed: this.#closedToo, after: cursor, limit }
      const letters = await this.#deps.ledger.deadLetters.list(wanted)
      return letters.filter(({ record }) => !isSince(record.id, this.#job))
    })
  }

  /** `undefined`: stopped. */
  async #replay(letter: DeadLetterSummary): Promise<Count | 'closed' | undefined> {
    const { record, replayedAs, closed } = letter
    if (closed && replayedAs !== undefined && !isSince(replayedAs, this.#job)) return 'closed'
    // Had that replay failed, it would be a dead letter itself, and have its turn.
    if (replayedAs !== undefined) return this.#countOf(replayedAs)
    while ((await this.#mayGoOn(record.pipeline)) && (await this.#pace(this.#signal))) {
      try {
        return await this.#replayNow(letter)
      } catch (thrown) {
        if (!(thrown instanceof SluiceError)) throw thrown
        if (refusals.has(thrown.code)) return this.#refuse(letter, thrown)
        if (thrown.code !== 'QUEUE_FULL') throw thrown
        if (!(await this.#pause())) return undefined
      }
    }
    return undefined
  }

  async #replayNow({ record }: DeadLetterSummary): Promise<Count | undefined> {
    const answer = await this.#persist(async () => {
      // Only now with its data, as those before it have theirs no more.
      const whole = await this.#deps.ledger.deadLetters.read(record.id)
      return { replay: whole && (await replayDeadLetter(whole, this.#job.from, this.#deps)) }
    })
    if (answer === undefined) return undefined
    return answer.replay === undefined ? 'skipped' : this.#countOf(answer.replay.id)
  }

  #countOf(replayId: string): Count {
    return isSince(replayId, this.#job) ? 'replayed' : 'skipped'
  }

  #refuse({ record }: DeadLetterSummary, { code, message }: SluiceError): Count {
    const fields = { replay: this.#job.id, requestId: record.id, pipeline: record.pipeline, code, reason: message }
    this.#deps.log.warn(fields, 'a dead letter cannot be replayed and stays as it is')
    return 'refused'
  }

  async #mayGoOn(pipeline: string): Promise<boolean> {
    while (this.#deps.held(pipeline)) if (!(await this.#pause())) return false
    return !this.#signal.aborted
  }

  /** False: stopped. */
  async #pause(): Promise<boolean> {
    const waited = (await this.#save({ status: 'paused' })) && (await waitFor(pauseMs, this.#signal))
    this.#job = { ...this.#job, status: 'running' }
    return waited
  }

  async #finish(): Promise<void> {
    await this.#save({ status: 'done', finishedAt: Date.now() })
  }

  /** Another replica may go on at once. */
  async #giveBack(): Promise<void> {
    await this.#save({ beatAt: 0 })
  }

  /** Writes the job down, unless another replica has taken it over; then false. */
  async #save(changes: Partial<ReplayJob>): Promise<boolean> {
    const { jobs } = this.#deps
    const saved = await this.#persist(async () => {
      const current = await jobs.find(this.#job.id)
      if (current?.owner !== this.#job.owner) return false
      this.#job = { ...this.#job, beatAt: Date.now(), ...changes }
      await jobs.put(this.#job)
      return true
    })
    return saved === true
  }

  #persist<T>(write: () => Promise<T>): Promise<T | undefined> {
    return writeUntilTaken(write, this.#signal, this.#deps.log)
  }
}
