import { clusterKey, type ClusterSource } from '../pipeline/cluster-source.ts'
import type { ReadCluster, SecretReading } from '../secrets/secrets.ts'
import type { ToldValues } from './told-values.ts'

/** A value that no pipeline needs is forgotten after so long, in milliseconds: calls that run may need it still. */
const forgottenMs = 300_000
const sweepMs = 60_000

interface Shared {
  readonly source: ClusterSource
  /** As all workers are told, or are about to be. */
  told: SecretReading
  /** As all workers know it; `undefined`: not yet. */
  agreed: SecretReading | undefined
  neededAt: number
}

export interface SharedValuesDeps {
  /** Asks Kubernetes. */
  readonly read: ReadCluster
  /** Where the values of headers are that pipelines need. */
  readonly wanted: () => Iterable<ClusterSource>
  /** All workers know other values than before. */
  readonly onAgreed: () => void
}

/** Tells all workers; resolves when they know. */
type Tell = (values: ToldValues) => Promise<unknown>

/**
 * The values of headers that Kubernetes has, which all workers are told: one process asks for each. The primary itself has a
 * new value when all workers have it, so that none of them lacks what makes a pipeline ready.
 */
export class SharedValues implements Disposable {
  readonly #deps: SharedValuesDeps
  readonly #shared = new Map<string, Shared>()
  /** Those that workers are not told yet. */
  #untold = new Map<string, SecretReading | undefined>()
  readonly #sweeping: NodeJS.Timeout
  #tellAll: Tell = () => Promise.resolve()

  constructor(deps: SharedValuesDeps) {
    this.#deps = deps
    this.#sweeping = setInterval(() => this.forget(performance.now() - forgottenMs), sweepMs)
  }

  /** There are workers from now on. */
  connect(tell: Tell): void {
    this.#tellAll = tell
  }

  readonly read = (source: ClusterSource): SecretReading => {
    const { told, agreed } = this.#need(source)
    return agreed ?? (told.kind === 'missing' ? told : { kind: 'missing', reason: 'its workers are being told' })
  }

  /** Whoever serves is told these from now on; resolves when all know them. */
  async need(sources: Iterable<ClusterSource>): Promise<void> {
    for (const source of sources) this.#need(source)
    await this.#tell()
  }

  /** The values of these are other ones than before. */
  changed(isChanged: (source: ClusterSource) => boolean): void {
    for (const [key, shared] of this.#shared) if (isChanged(shared.source)) this.#look(key, shared)
  }

  /** All of them, with those of these sources, for a worker that starts. */
  all(sources: Iterable<ClusterSource>): ToldValues {
    for (const source of sources) this.#need(source)
    return new Map([...this.#shared].map(([key, { told }]) => [key, told]))
  }

  /** Forgets what nobody needs, or has needed since then, on the clock of `performance.now()`. */
  forget(since: number): void {
    const wanted = new Set<string>()
    for (const source of this.#deps.wanted()) wanted.add(clusterKey(source))
    for (const [key, shared] of this.#shared) {
      if (wanted.has(key)) shared.neededAt = performance.now()
      if (wanted.has(key) || shared.neededAt >= since) continue
      this.#shared.delete(key)
      this.#tellSoon(key, undefined)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping)
  }

  #need(source: ClusterSource): Shared {
    const key = clusterKey(source)
    let shared = this.#shared.get(key)
    if (shared === undefined) {
      shared = { source, told: this.#deps.read(source), agreed: undefined, neededAt: 0 }
      this.#shared.set(key, shared)
      this.#tellSoon(key, shared.told)
    }
    shared.neededAt = performance.now()
    return shared
  }

  #look(key: string, shared: Shared): void {
    const now = this.#deps.read(shared.source)
    if (textOf(now) === textOf(shared.told)) return
    shared.told = now
    this.#tellSoon(key, now)
  }

  #tellSoon(key: string, reading: SecretReading | undefined): void {
    if (this.#untold.size === 0) setImmediate(() => void this.#tell())
    this.#untold.set(key, reading)
  }

  async #tell(): Promise<void> {
    const values = this.#untold
    if (values.size === 0) return
    this.#untold = new Map()
    await this.#tellAll(values)
    for (const [key, reading] of values) {
      const shared = this.#shared.get(key)
      if (shared !== undefined && shared.told === reading) shared.agreed = reading
    }
    this.#deps.onAgreed()
  }
}

const textOf = (reading: SecretReading): string =>
  `${reading.kind} ${reading.kind === 'text' ? reading.text : reading.reason}`
