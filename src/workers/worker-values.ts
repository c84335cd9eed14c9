import { clusterKey, type ClusterSource } from '../pipeline/cluster-source.ts'
import type { SecretReading } from '../secrets/secrets.ts'
import type { ToldValues } from './told-values.ts'

/** A value that was read since then is in use, in milliseconds. */
const inUseMs = 600_000

interface Told {
  reading: SecretReading
  /** By whoever read it last, and when. */
  use: { readonly source: ClusterSource; readonly at: number } | undefined
}

/**
 * The values of headers that Kubernetes has, as a worker knows them: the primary tells those of the pipelines that it has
 * the worker serve, before these, and each change. The worker asks for any other that is read.
 */
export class WorkerValues {
  readonly #ask: (source: ClusterSource) => void
  readonly #told = new Map<string, Told>()

  constructor(ask: (source: ClusterSource) => void) {
    this.#ask = ask
  }

  readonly read = (source: ClusterSource): SecretReading => {
    const key = clusterKey(source)
    const use = { source, at: performance.now() }
    const told = this.#told.get(key)
    if (told !== undefined) {
      told.use = use
      return told.reading
    }
    const reading: SecretReading = { kind: 'missing', reason: 'it is being asked for' }
    this.#told.set(key, { reading, use })
    this.#ask(source)
    return reading
  }

  receive(values: ToldValues): void {
    for (const [key, reading] of values) {
      const told = this.#told.get(key)
      if (reading === undefined) this.#forget(key)
      else if (told === undefined) this.#told.set(key, { reading, use: undefined })
      else told.reading = reading
    }
  }

  /** A request of a former definition may use it still. */
  #forget(key: string): void {
    const use = this.#told.get(key)?.use
    if (use !== undefined && performance.now() - use.at < inUseMs) this.#ask(use.source)
    else this.#told.delete(key)
  }
}
