import type { CallCount } from '../delivery/call-count.ts'
import type { Attempts } from '../delivery/deliver.ts'
import type { StreamTaker } from '../event/stream-taker.ts'
import type { EndSignal } from '../event/end-signal.ts'
import type { StepFailure, VisitOutcome } from '../event/outcome.ts'
import type { BodyShare } from '../event/body-memory.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Span } from '../telemetry/tracing.ts'
import type { SluiceError } from '../errors.ts'
import type { Mark } from './mark.ts'

/** One trip of an event through a pipeline. */
export interface Request {
  readonly id: string
  /** The event that the caller sent; `$request` in expressions. */
  readonly original: CloudEvent
  /** Ends the trip: the caller went away. */
  readonly signal: EndSignal
  /** On the clock of `performance.now()`; Infinity: none. */
  readonly deadline: number
  /** Flat list of the caller's headers that steps receive. */
  readonly headers: readonly string[]
  readonly span: Span
  /** Bounds its calls; `undefined`: its plan can make no more than it may. */
  readonly calls: CallCount | undefined
  /** The steps that were visited so far, in order. */
  readonly visits: Visit[]
  /** The part of the memory for bodies that its events take. */
  readonly share: BodyShare
  /** Of a stored request; `undefined`: it lives in memory. */
  readonly journal: Journal | undefined
  /** Of a caller who wants to see how it goes. */
  readonly follower: Follower | undefined
  /** Takes the answer of a last step that streams; `undefined`: it is collected. */
  readonly stream: StreamTaker | undefined
  /** Entries of traffic that the caller has picked, by the paths of their steps; `undefined`: none. */
  readonly tags: ReadonlyMap<string, string> | undefined
}

/** A step by its name, and where it stands. */
export interface StepPlace {
  readonly name: string
  readonly path: string
}

/** Is told what happens, as it happens. */
export interface Follower {
  /** `at`: on the clock of `performance.now()`. */
  stepBegins(step: StepPlace, at: number): void
  /** Its visit tells how. */
  stepEnds(step: StepPlace): void
  /**
   * A step begins to call its destination, until what this answers is disposed of; `undefined`: calls are not looked at,
   * and cost nothing more.
   */
  readonly calling: ((call: RunningCall) => Disposable) | undefined
}

/** Follows a stored request: what it does now is to be seen, and how far it came is written down to resume there. */
export interface Journal {
  /** A step begins; its visit tells how it ended. */
  begins(step: StepPlace): void
  /** A step is held: what it failed with says what it waits for. */
  holds(step: StepPlace, error: SluiceError): void
  /** A step begins to call its destination, until what this answers is disposed of. */
  readonly calling: (call: RunningCall) => Disposable
  /** The sequence at the path goes on at the mark. False: somebody else has the request by now; stop. */
  checkpoint(path: string, mark: Mark): Promise<boolean>
  /** The reply is about to be delivered; resolves when there is room for that. */
  replies(): Promise<void> | undefined
}

/** A call that is under way; its attempts are counted as they begin. */
export interface RunningCall {
  /** `undefined`: the reply goes to its destination. */
  readonly step: StepPlace | undefined
  readonly attempts: Readonly<Attempts>
}

/** One step's part of a request. */
export interface Visit {
  readonly step: string
  readonly path: string
  readonly outcome: VisitOutcome
  readonly attempts: number
  /** Its reply came from the cache. */
  readonly hit?: true
  /** Why it failed, or the first failure that it forgave; absent: none. */
  readonly error?: StepFailure
  readonly durationMs: number
  /** Milliseconds since the epoch. */
  readonly finishedAt: number
}
