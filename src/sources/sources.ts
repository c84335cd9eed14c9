import { messageOf } from '../errors.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { SourcePlan } from '../pipeline/source-plan.ts'
import type { Logger } from '../telemetry/log.ts'
import { waitFor } from '../delivery/wait.ts'
import type { EntryIntake, Source, SourcePlace } from './source.ts'

/** A pipeline as it is to be served. */
export interface SourcedPipeline {
  readonly plan: Plan
  readonly generation: number
  /** `open`: it takes requests. */
  readonly gate: string
  /** `undefined`: nothing keeps it from serving. */
  readonly blocked: string | undefined
}

export interface SourcesDeps {
  readonly create: (plan: SourcePlan, place: SourcePlace) => Source
  readonly createIntake: (place: SourcePlace, serving: () => SourcedPipeline | undefined) => EntryIntake
  readonly log: Pick<Logger, 'error'>
}

interface Running {
  readonly ending: AbortController
  readonly done: Promise<void>
}

/** How long a source is left alone that broke off, in milliseconds. */
const againMs = 1_000

/**
 * Runs the sources of the pipelines that are served here, while these take requests. One goes on through a change of its
 * pipeline that is not a change of its own. Disposing stops them all.
 */
export class Sources implements AsyncDisposable {
  readonly #deps: SourcesDeps
  readonly #served = new Map<string, SourcedPipeline>()
  /** By pipeline, then by all that a source says of itself and the most octets that it may take. */
  readonly #running = new Map<string, Map<string, Running>>()
  readonly #stopping = new Set<Promise<void>>()
  #closed = false

  constructor(deps: SourcesDeps) {
    this.#deps = deps
  }

  /** After disposing it does nothing: whoever controls the pipelines may outlive the sources. */
  apply({ put, removed }: { readonly put: readonly SourcedPipeline[]; readonly removed: readonly string[] }): void {
    if (this.#closed) return
    for (const served of put) {
      this.#served.set(served.plan.pipeline, served)
      this.#match(served.plan.pipeline)
    }
    for (const pipeline of removed) {
      this.#served.delete(pipeline)
      this.#match(pipeline)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.apply({ put: [], removed: [...this.#served.keys()] })
    this.#closed = true
    await Promise.all(this.#stopping)
  }

  /** Starts what is to run and does not, and stops what runs and is not to. */
  #match(pipeline: string): void {
    const served = this.#served.get(pipeline)
    const runs = served !== undefined && served.gate === 'open' && served.blocked === undefined
    const maxBytes = served?.plan.limits.maxBodyBytes ?? 0
    const wanted = new Map((runs ? served.plan.sources : []).map(source => [keyOf(source, maxBytes), source]))
    const running = this.#running.get(pipeline) ?? new Map<string, Running>()
    for (const [key, each] of running) {
      if (wanted.has(key)) continue
      running.delete(key)
      this.#stop(each)
    }
    for (const [key, source] of wanted) {
      if (!running.has(key)) running.set(key, this.#start(source, { pipeline, maxBytes }))
    }
    if (running.size === 0) this.#running.delete(pipeline)
    else this.#running.set(pipeline, running)
  }

  #start(source: SourcePlan, { pipeline, maxBytes }: Pick<SourcePlace, 'pipeline' | 'maxBytes'>): Running {
    const ending = new AbortController()
    const { name } = source
    const place = { pipeline, name, source: `/${pipeline}/${name}`, maxBytes }
    return { ending, done: this.#keepRunning(source, place, ending.signal) }
  }

  /** Begins again, a second later, whatever broke it off. */
  async #keepRunning(source: SourcePlan, place: SourcePlace, signal: AbortSignal): Promise<void> {
    const { pipeline, name } = place
    const intake = this.#deps.createIntake(place, () => this.#served.get(pipeline))
    do {
      try {
        await this.#deps.create(source, place).run(intake, signal)
        return
      } catch (thrown) {
        const message = `a source broke off, and begins again: ${messageOf(thrown)}`
        this.#deps.log.error({ pipeline, source: name, err: thrown }, message)
      }
    } while (await waitFor(againMs, signal))
  }

  #stop({ ending, done }: Running): void {
    ending.abort()
    this.#stopping.add(done)
    void done.finally(() => void this.#stopping.delete(done))
  }
}

const keyOf = (source: SourcePlan, maxBytes: number): string =>
  JSON.stringify([source, maxBytes], (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
  )
