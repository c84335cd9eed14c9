import type { CloudEvent } from '../event/event.ts'
import type { Call, Deliver, Delivered } from './deliver.ts'
import type { NothingReady } from './service-states.ts'
import { untilConnected } from './until-connected.ts'

/** Ready behind a Service is not yet reachable through it: the nodes are told of endpoints after that. */
const reachableMs = 10_000

export interface ServiceLineDeps {
  /** `undefined`: something is ready behind the Service, or nobody knows. */
  readonly state: () => NothingReady | undefined
  /** Whether somebody takes connections at the address of the Service. */
  readonly connects: () => Promise<boolean>
}

/**
 * The calls of one Service: those under way, and those that wait in line.
 *
 * - open:    calls go through
 * - held:    nothing is ready behind it; calls wait. While nobody follows the Service, connections are tried as well
 * - opening: something is ready; calls wait until a connection is taken, or for `reachableMs`
 */
export class ServiceLine {
  readonly #deps: ServiceLineDeps
  readonly #waiting = new Map<() => void, string>()
  #standing: 'open' | 'held' | 'opening' = 'open'
  #last: NothingReady | undefined
  #trying: AbortController | undefined
  #calls = 0

  constructor(deps: ServiceLineDeps) {
    this.#deps = deps
    this.told()
  }

  /** Calls go through at once. */
  get isOpen(): boolean {
    return this.#standing === 'open'
  }

  /** Why calls wait. */
  get reason(): string {
    return this.#standing === 'held' ? (this.#last?.reason ?? '') : 'its replica is ready and takes no connections yet'
  }

  /** The pipeline whose step it is; `undefined`: no call has ever been held. */
  get pipeline(): string | undefined {
    return this.#last?.pipeline
  }

  /** Requests with calls that wait. */
  get held(): number {
    return new Set(this.#waiting.values()).size
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls
  }

  get isIdle(): boolean {
    return this.#calls === 0 && this.#waiting.size === 0
  }

  /** The state of the Service may be another one. */
  told(): void {
    const state = this.#deps.state()
    this.#last = state ?? this.#last
    if (state === undefined) {
      if (this.#standing === 'held') this.#connect('opening')
      return
    }
    this.#stopTrying()
    this.#standing = 'held'
    if (!state.isCurrent && this.#waiting.size > 0) this.#connect('held')
  }

  /** A call through the open line. */
  pass(next: Deliver, event: CloudEvent, call: Call): Promise<Delivered> {
    this.#calls++
    return next(event, call).finally(() => void this.#calls--)
  }

  /** Stands in line for the request until `settle` is called; answers how to leave. */
  wait(requestId: string, settle: () => void): () => void {
    if (this.isOpen) {
      settle()
      return () => {}
    }
    this.#waiting.set(settle, requestId)
    if (this.#standing === 'held' && this.#last?.isCurrent === false && this.#trying === undefined)
      this.#connect('held')
    return () => this.#leave(settle)
  }

  /** Lets nobody in, and tries nothing any more. */
  close(): void {
    this.#stopTrying()
  }

  #leave(settle: () => void): void {
    this.#waiting.delete(settle)
    if (this.#waiting.size === 0 && this.#standing === 'held') this.#stopTrying()
  }

  #connect(standing: 'held' | 'opening'): void {
    this.#stopTrying()
    this.#standing = standing
    const trying = (this.#trying = new AbortController())
    const ms = standing === 'held' ? Infinity : reachableMs
    void untilConnected(this.#deps.connects, ms, trying.signal).then(isThere => {
      if (isThere) this.#open()
    })
  }

  #open(): void {
    this.#trying = undefined
    this.#standing = 'open'
    const waiting = [...this.#waiting.keys()]
    this.#waiting.clear()
    for (const settle of waiting) settle()
  }

  #stopTrying(): void {
    this.#trying?.abort()
    this.#trying = undefined
  }
}
