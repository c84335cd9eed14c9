import { randomBytes } from 'node:crypto'

/** More than one replica has in flight; older ones have lost their leases. */
const kept = 1000

/**
 * Calls that were to claim requests and got no answer: the server may have carried them out, or may still do so. The
 * next claim names them, so that nothing waits for the end of a lease that nobody knows of.
 */
export class LostCalls {
  readonly #byPipeline = new Map<string, readonly string[]>()

  get pipelines(): Iterable<string> {
    return this.#byPipeline.keys()
  }

  add(pipeline: string, calls: readonly string[]): void {
    if (calls.length === 0) return
    this.#byPipeline.set(pipeline, [...(this.#byPipeline.get(pipeline) ?? []), ...calls].slice(-kept))
  }

  /** Those of the pipeline, which are forgotten. */
  take(pipeline: string): readonly string[] {
    const calls = this.#byPipeline.get(pipeline) ?? []
    this.#byPipeline.delete(pipeline)
    return calls
  }
}

const processName = randomBytes(9).toString('base64url')
let calls = 0

/** The name of a call that claims, unlike that of any other; it is kept with each record that it claims. */
export const createCallName = (): string => `${processName}.${(++calls).toString(36)}`
