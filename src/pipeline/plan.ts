import type { Contract } from './contract/contract.ts'
import type { AudienceUse, HeaderUse } from './destination.ts'
import type { ReplyNode, Sequence } from './node.ts'
import type { SourcePlan } from './source-plan.ts'
import type { ServingPipeline } from './spec/serving-pipeline.ts'

/*
 * The words:
 *
 * - pipeline:    a ServingPipeline resource, what a person wrote
 * - generation:  a definition as it was at one time, without its lifecycle; numbered by the store
 * - plan:        a generation compiled: addresses resolved, defaults filled in; immutable
 * - step:        one stage of a pipeline; most steps call one destination
 * - path:        where a step stands: names from the root, joined by `/`, never an index
 * - node:        a step of a plan, or the delivery of the reply, which comes behind all steps
 * - sequence:    nodes that run one after the other; only a sequence has order
 * - destination: `uri` or `ref`, as in Knative, or a local process (`run`)
 * - event:       a CloudEvents event; a plain HTTP request becomes one at the ingress
 * - request:     one trip of an event through a pipeline, known by its request id
 * - reply:       the event that the last step gave
 * - outcome:     replied, filtered, failed or cancelled
 * - store:       where accepted requests are kept: an SQLite file or a Redis; the ledger is the code that keeps them
 * - record:      a request as the store has it
 * - claim:       the right of one replica to run a stored request, for as long as its lease
 * - mark:        where one sequence of a request stands: the next node and the event that it gets
 * - held:        put back to wait, without using up a delivery: a breaker is open, say, or a step is not there yet
 * - dead letter: a stored request that failed for good, and is kept to be replayed
 * - sink:        the destination that is sent the event of a failed step (`deadLetterSink`)
 * - worker:      one of several processes that take requests on the port of a gateway
 */

/** A pipeline ready to run. All durations are milliseconds; nothing is optional that has a default. */
export interface Plan {
  /** `namespace/name`, as in problems, logs and metrics. */
  readonly pipeline: string
  readonly namespace: string
  readonly name: string
  /** `/namespace/name`: the `source` of events that are made for its requests. */
  readonly source: string
  /** Whether it has a serving ingress: nobody can call one that has none. */
  readonly serves: boolean
  /** Where it reads by itself. */
  readonly sources: readonly SourcePlan[]
  /** As it was written; a gateway that knows it can make the plan again. */
  readonly definition: Definition
  /** The steps in their order, then the delivery of the reply where the pipeline has a reply destination. */
  readonly flow: Sequence
  /** An expression asks for the replies of earlier steps, so they are kept. */
  readonly keepsReplies: boolean
  /** Of a synchronous request. */
  readonly deadlineMs: number
  /** Of a stored request, from its acceptance; Infinity: none. */
  readonly storedDeadlineMs: number
  readonly requests: Requests
  /** `key`: stored requests with one `partitionkey` run one after the other. */
  readonly ordering: 'none' | 'key'
  /** Where the reply event goes; `undefined`: to the caller, or into the ledger. */
  readonly reply: ReplyNode | undefined
  readonly limits: Limits
  /** Whether a request could make more calls than `maxCalls`, so that they are counted. */
  readonly countsCalls: boolean
  /** Lower-case names of request headers that steps receive beside the ones that always travel. */
  readonly propagate: readonly string[]
  /** Callers, logs and traces are told the answer of a failing step; false: only its status. */
  readonly tellsUpstream: boolean
  /** Of its refs, by the keys of `Resolve`: with them another process makes the same plan. */
  readonly addresses: ReadonlyMap<string, string>
  /** Names that no `--resolve` rule knows; not empty: the pipeline is not ready. */
  readonly unresolved: readonly string[]
  /** Of the caller's data and of the reply; `undefined`: both may be anything. */
  readonly contract: Contract | undefined
  /** Whom it lets in: those whom one of the rules names; `undefined`: everybody whom the data plane does. */
  readonly access: readonly AccessRule[] | undefined
  /** The headers of all its destinations: while one has no value, the pipeline is not ready. */
  readonly headers: readonly HeaderUse[]
  /** Of the tokens that its destinations want; there are some to send on Kubernetes only. */
  readonly audiences: readonly AudienceUse[]
}

/** A pipeline as a person wrote it, without its name. */
export interface Definition {
  /** Absent: a ServingPipeline. */
  readonly kind?: 'Pipeline'
  readonly spec: ServingPipeline['spec']
  /** The folder that relative working directories of processes start from. */
  readonly baseDir: string
  /** Those that it nests, at any depth, by `namespace/name`; absent: none. */
  readonly nested?: Nested
}

export type Nested = Readonly<Record<string, NestedDefinition>>

/** The parts that count of a pipeline which another one nests. */
export interface NestedDefinition {
  readonly spec: Pick<ServingPipeline['spec'], 'steps' | 'delivery' | 'contract'>
  readonly baseDir: string
}

/** The rules for kept requests. */
export interface Requests {
  /** Synchronous requests are accepted into the ledger too. */
  readonly stored: boolean
  readonly ttlMs: number
  readonly deduplicate: boolean
}

export interface Limits {
  readonly maxConcurrent: number
  readonly maxInFlight: number
  readonly maxQueued: number
  readonly maxBodyBytes: number
  readonly maxDeliveries: number
  /** Events of one batch. */
  readonly maxBatch: number
  /** Calls that one request may cause, over all its deliveries. */
  readonly maxCalls: number
}

/** Callers whom a pipeline lets in. */
export type AccessRule =
  | { readonly kind: 'token'; readonly name: string }
  | { readonly kind: 'subject'; readonly subject: string }
  /** A claim that is the value, or a list that has it. */
  | { readonly kind: 'claim'; readonly claim: string; readonly value: string | number | boolean }
