import { ServiceLine, type ServiceLineDeps } from './service-line.ts'
import type { ServiceStates } from './service-states.ts'

/** The calls of one Service, as metrics tell of them. */
export interface ServiceCalls {
  /** `namespace/name`. */
  readonly service: string
  /** Calls under way. */
  readonly calls: number
  /** The pipeline whose step it is, and its requests and those of others that are held for it. */
  readonly held: { readonly pipeline: string; readonly requests: number } | undefined
}

/** Whether a ref names a Service, or a canary by that of its own: nothing is ever said of that one, so that its calls are not held. */
export const isService = (ref: string): boolean => /^(Service|Canary)\//.test(ref)

/** The lines of calls of Services that refs name, one for each, made on first use. */
export class ServiceLines implements Disposable {
  readonly #states: ServiceStates
  readonly #lines = new Map<string, ServiceLine>()
  /** Those that are dropped when their last call is over. */
  readonly #dropped = new Set<string>()
  readonly #watching: Disposable

  constructor(states: ServiceStates) {
    this.#states = states
    this.#watching = states.watch(ref => this.#lines.get(ref)?.told())
  }

  of(ref: string, connects: ServiceLineDeps['connects']): ServiceLine {
    const known = this.#lines.get(ref)
    this.#dropped.delete(ref)
    if (known !== undefined) return known
    const line = new ServiceLine({ state: () => this.#states.get(ref), connects })
    this.#lines.set(ref, line)
    return line
  }

  /** Nobody calls the Services with these refs any more. */
  drop(refs: ReadonlySet<string>): void {
    for (const ref of refs) if (this.#lines.has(ref)) this.#dropped.add(ref)
    this.#sweep()
  }

  *list(): Iterable<ServiceCalls> {
    this.#sweep()
    for (const [ref, { pipeline, held, calls }] of this.#lines) {
      const service = ref.slice(ref.indexOf('/') + 1)
      yield { service, calls, held: pipeline === undefined ? undefined : { pipeline, requests: held } }
    }
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]()
    for (const line of this.#lines.values()) line.close()
  }

  #sweep(): void {
    for (const ref of this.#dropped) {
      const line = this.#lines.get(ref)
      if (line?.isIdle === false) continue
      line?.close()
      this.#lines.delete(ref)
      this.#dropped.delete(ref)
    }
  }
}
