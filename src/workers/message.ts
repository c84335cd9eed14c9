import type { GatewayConfig } from '../config.ts'
import type { NothingReady } from '../delivery/service-states.ts'
import type { Durability } from '../ledger/durability.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { GuestMessage, HostMessage } from '../ledger/sqlite/hosting/guest-message.ts'
import type { Standing, ToldChanges, ToldServed } from '../control/served.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { StepCounts } from '../flow/traffic/attempt-counts.ts'
import type { LookUpAnswer, LookUpQuestion } from './remote-look-ups.ts'
import type { ToldValues } from './told-values.ts'
import type { TurnAnswer, TurnQuestion } from './remote-turns.ts'
import type { PermitAnswer, PermitMessage } from './permit-message.ts'
import type { PlaceAnswer, PlaceMessage } from './place-message.ts'
import type { WorkerReport } from './worker-report.ts'

/*
 * The messages between a primary and its workers. A worker says `hello`, is told to `start`, and says that it is
 * `serving`, or has `failed`; `stop` ends it. Every worker serves what the primary has read, also one that is started
 * later; it
 * answers each `ask` when it has done so.
 */

/** All that a worker needs to know. */
export interface WorkerStart {
  /** From 1 on. */
  readonly no: number
  readonly config: GatewayConfig
  /** Claims last this long, in milliseconds. */
  readonly leaseMs: number
  readonly served: readonly ToldServed[]
  /** Of all headers of theirs whose values Kubernetes has; `undefined`: it has none. */
  readonly values: ToldValues | undefined
  /** The Services of deployed steps behind which nothing is ready, by their refs; later `services` tells of changes. */
  readonly services: ReadonlyMap<string, NothingReady>
  /** Where the local steps listen that do; later `located` tells of changes. */
  readonly located: ReadonlyMap<string, string>
  /** Whether the store is open: then there may be work in it. */
  readonly storeOpen: boolean
}

/** The outcome of opening the store that the primary has. */
export type StoreOpening =
  { readonly kind: 'opened'; readonly durability: Durability } | { readonly kind: 'refused'; readonly message: string }

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  /** Of local steps that have moved; `undefined`: it listens no more. */
  | { readonly kind: 'located'; readonly located: ReadonlyMap<string, string | undefined> }
  /** Of the Services that have another state; `undefined`: something is ready behind it, or nobody knows. */
  | { readonly kind: 'services'; readonly services: ReadonlyMap<string, NothingReady | undefined> }
  /** Of the turn that it asked for. */
  | { readonly kind: 'turn'; readonly answer: TurnAnswer }
  /** Of places that it asked for. */
  | { readonly kind: 'places'; readonly answers: readonly PlaceAnswer[] }
  /** Of permits that it asked for. */
  | { readonly kind: 'permits'; readonly answers: readonly PermitAnswer[] }
  /** Of what a definition needs that it asked for. */
  | { readonly kind: 'lookedUp'; readonly answer: LookUpAnswer }
  | { readonly kind: 'storeOpening'; readonly opening: StoreOpening }
  | { readonly kind: 'store'; readonly message: HostMessage }
  | { readonly kind: 'report' }
  | { readonly kind: 'ask'; readonly no: number; readonly question: Question }
  /** The store is open: there may be work in it. */
  | { readonly kind: 'storeOpened' }
  /** Files of secrets and certificates are to be read again. */
  | { readonly kind: 'readAgain' }
  | Cancelled
  | { readonly kind: 'stop' }

export type ToPrimary =
  | { readonly kind: 'hello' }
  | { readonly kind: 'serving'; readonly url: string }
  | { readonly kind: 'failed'; readonly failure: WorkerFailure }
  | { readonly kind: 'openStore' }
  | { readonly kind: 'store'; readonly message: GuestMessage }
  /** The lane of a pipeline waits for a breaker. */
  | { readonly kind: 'held'; readonly pipeline: string; readonly ms: number; readonly waiting: Waiting }
  /** Requests of former generations run there, which need these processes; all of them each time. */
  | { readonly kind: 'processes'; readonly specs: readonly ProcessSpec[] }
  /** Asks for the entry of a step's traffic. */
  | { readonly kind: 'turn'; readonly question: TurnQuestion }
  /** Asks for what a definition needs that it was not told to serve. */
  | { readonly kind: 'lookUp'; readonly question: LookUpQuestion }
  /** Attempts of entries of traffic since it told the last time. */
  | { readonly kind: 'attempts'; readonly counts: StepCounts }
  /** Of places in local processes. */
  | { readonly kind: 'places'; readonly messages: readonly PlaceMessage[] }
  /** Of permits to call destinations. */
  | { readonly kind: 'permits'; readonly messages: readonly PermitMessage[] }
  | { readonly kind: 'report'; readonly report: WorkerReport }
  | { readonly kind: 'answer'; readonly no: number; readonly standing: readonly Standing[] }
  | Cancelled

/** Something to do and answer; the changes come first. */
export interface Question {
  /** Before the changes, which may need them. */
  readonly values: ToldValues | undefined
  readonly changes: ToldChanges
  /** The pipelines whose standing is the answer. */
  readonly standing: readonly string[]
}

/** One worker tells it, and all are told: whoever runs the request stops. */
export interface Cancelled {
  readonly kind: 'cancelled'
  readonly pipeline: string
  readonly id: string
}

/** Why a worker could not start: what is left of an error that goes from process to process. */
export interface WorkerFailure {
  readonly message: string
  readonly code?: string
  readonly address?: string
  readonly port?: number
}
