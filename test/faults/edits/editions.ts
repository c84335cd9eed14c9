import { startKillableGateway, type KillableGateway } from '../../helpers/killable-gateway.ts'
import type { TrailSteps } from './trail-steps.ts'

/** A replica runs an edition: steps by their names, and another checkout of the project than this one. */
export interface Edition {
  readonly steps: readonly string[]
  readonly checkout?: string
}

export interface EditionsOptions {
  readonly store: string
  readonly steps: TrailSteps
  readonly leaseMs: number
  readonly maxInFlight: number
}

/** Replicas on one store, each with the edition that it was started with; callers see those that run. */
export class Editions implements AsyncDisposable {
  readonly #options: EditionsOptions
  #running: readonly KillableGateway[] = []

  constructor(options: EditionsOptions) {
    this.#options = options
  }

  readonly urls = (): readonly string[] => this.#running.map(({ url }) => url)

  /** The one that was started last. */
  get latest(): KillableGateway {
    const latest = this.#running.at(-1)
    if (latest === undefined) throw new Error('no gateway runs')
    return latest
  }

  async start({ steps: names, checkout }: Edition): Promise<void> {
    const { steps, store, leaseMs, maxInFlight } = this.#options
    const started = await startKillableGateway({
      steps: names.map(name => ({ name, uri: steps.urlOf(name) })),
      spec: { limits: { maxInFlight } },
      store,
      leaseMs,
      ...(checkout !== undefined && { checkout })
    })
    this.#running = [...this.#running, started]
  }

  /** Ends the oldest one: from now on callers do not see it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const [oldest, ...others] = this.#running
    if (oldest === undefined) return
    this.#running = others
    oldest.process.kill(signal)
    await oldest.process.exit
    await oldest[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map(replica => replica[Symbol.asyncDispose]()))
  }
}
