import { messageOf } from '../errors.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { SourcePlan } from '../pipeline/source-plan.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Intake, Source, SourcePlace } from './source.ts'

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
  readonly createIntake: (place: SourcePlace, serving: () => SourcedPipeline | undefined) => Intake
  readonly log: Pick<Logger, 'error'>
}

interface Running {
  readonly ending: AbortController
  readonly done: Promise<void>
}

/**
 * Runs the sources of the pipelines that are served here, while these take requests. One goes on through a change of its
 * pipeline that is not a change of its own. Disposing stops them all.
 */
export class Sources implements AsyncDisposable {
  readonly #deps: SourcesDeps
  readonly #served = new Map<string, SourcedPipeline>()
  /** By pipeline, then by all that a source says of itself. */
  readonly #running = new Map<string, Map<string, Running>>()
  readonly #stopping = new Set<Promise<void>>()

  constructor(deps: SourcesDeps) {
    this.#deps = deps
  }

  apply({ put, removed }: { readonly put: readonly SourcedPipeline[]; readonly removed: readonly string[] }): void {
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
    await Promise.all(this.#stopping)
  }

  /** Starts what is to run and does not, and stops what runs and is not to. */
  #match(pipeline: string): void {
    const served = this.#served.get(pipeline)
    const runs = served !== undefined && served.gate === 'open' && served.blocked === undefined
    const wanted = new Map((runs ? served.plan.sources : []).map(source => [keyOf(source), source]))
    const running = this.#running.get(pipeline) ?? new Map<string, Running>()
    for (const [key, each] of running) {
      if (wanted.has(key)) continue
      running.delete(key)
      this.#stop(each)
    }
    for (const [key, source] of wanted) if (!running.has(key)) running.set(key, this.#start(source, pipeline))
    if (running.size === 0) this.#running.delete(pipeline)
    else this.#running.set(pipeline, running)
  }

  #start(source: SourcePlan, pipeline: string): Running {
    const ending = new AbortController()
    const served = () => this.#served.get(pipeline)
    const { name } = source
    const maxBytes = served()?.plan.limits.maxBodyBytes ?? 0
    const place = { pipeline, name, source: `/${pipeline}/${name}`, maxBytes }
    const intake = this.#deps.createIntake(place, served)
    const done = this.#deps
      .create(source, place)
      .run(intake, ending.signal)
      .catch((thrown: unknown) =>
        this.#deps.log.error({ pipeline, source: name, err: thrown }, `a source ended: ${messageOf(thrown)}`)
      )
    return { ending, done }
  }

  #stop({ ending, done }: Running): void {
    ending.abort()
    this.#stopping.add(done)
    void done.finally(() => void this.#stopping.delete(done))
  }
}

const keyOf = (source: SourcePlan): string =>
  JSON.stringify(source, (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
  )
