import { SluiceError } from '../errors.ts'
import { UnorderedList } from './unordered-list.ts'
import type { EndSwitch } from './end-switch.ts'

/**
 * Whether a pipeline lets requests in:
 *
 * - open:   all of them
 * - paused: only those that are answered 202; they are held
 * - gone:   none, as if there were no such pipeline; it is being deleted
 */
export type Gate = 'open' | 'paused' | 'gone'

/** When callers of a paused pipeline may try again, in milliseconds: nobody knows, so it is a polite while. */
const pausedRetryMs = 5_000

/**
 * The part that all generations of one pipeline share on a replica: its gate, and its places for synchronous requests.
 */
export class Admission {
  readonly pipeline: string
  gate: Gate = 'open'
  /** Milliseconds since the epoch: since when the gate is what it is. */
  since = Date.now()
  /** Why it cannot serve although nothing of its own is missing; `undefined`: it can. */
  blocked: string | undefined
  /** Since when it is blocked or not, in milliseconds since the epoch. */
  blockedSince = Date.now()
  /** Synchronous requests that have a place. */
  concurrent = 0
  readonly #running = new UnorderedList<RunningRequest>()
  #isCut = false
  #cutCount = 0

  constructor(pipeline: string) {
    this.pipeline = pipeline
  }

  /** Opens or closes the gate; with `cut` what runs is ended, or put back, until the next change of the gate. */
  set(gate: Gate, cut: boolean): void {
    if (gate !== this.gate) {
      this.gate = gate
      this.since = Date.now()
      this.#cutCount = 0
    }
    this.#isCut = cut
    if (cut) for (const { ending } of this.#running.items.slice()) ending.abort()
  }

  block(reason: string | undefined): void {
    if ((reason === undefined) !== (this.blocked === undefined)) this.blockedSince = Date.now()
    this.blocked = reason
  }

  /** Whether requests may be begun. */
  get isOpen(): boolean {
    return this.gate === 'open' && this.blocked === undefined
  }

  /** The grace period is over. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** How many requests were ended or put back since the gate was last changed. */
  get cutCount(): number {
    return this.#cutCount
  }

  /** One was ended or put back, since the grace period is over. */
  countCut(): void {
    this.#cutCount++
  }

  /** A synchronous request runs, until what this answers is called. */
  run(ending: EndSwitch): () => void {
    const request: RunningRequest = { ending, index: -1 }
    this.#running.add(request)
    return () => this.#running.remove(request)
  }

  /** Throws PAUSED, and PIPELINE_NOT_FOUND of one that is being deleted. */
  checkOpen(): void {
    if (this.gate !== 'open') throw this.refusal()
  }

  /** The refusal for a caller whose request was ended, or is not begun, since requests may not be begun. */
  refusal(): SluiceError {
    if (this.gate === 'gone') return notFound(this.pipeline)
    if (this.gate === 'open' && this.blocked !== undefined) {
      return new SluiceError('PIPELINE_NOT_READY', this.blocked, { facts: { pipeline: this.pipeline } })
    }
    return new SluiceError('PAUSED', 'the pipeline is paused; requests with "Prefer: respond-async" are held', {
      facts: { pipeline: this.pipeline, retryAfterMs: pausedRetryMs }
    })
  }
}

interface RunningRequest {
  readonly ending: EndSwitch
  index: number
}

/** The refusal for a pipeline that is not there. */
export function notFound(pipeline: string): SluiceError {
  const [namespace = '', name = ''] = pipeline.split('/')
  return new SluiceError('PIPELINE_NOT_FOUND', `there is no pipeline "${name}" in the namespace "${namespace}"`)
}
