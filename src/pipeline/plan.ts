import type { Condition } from './condition.ts'
import type { SchemaCheck } from './contract/schema-check.ts'
import type { Expression } from './expression.ts'
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
  /** Names that no `--resolve` rule knows; not empty: the pipeline is not ready. */
  readonly unresolved: readonly string[]
  /** Of the caller's data and of the reply; `undefined`: both may be anything. */
  readonly contract: Contract | undefined
  /** Whom it lets in: those whom one of the rules names; `undefined`: everybody whom the data plane does. */
  readonly access: readonly AccessRule[] | undefined
  /** The headers of all its destinations: while one has no value, the pipeline is not ready. */
  readonly headers: readonly HeaderUse[]
}

/** A pipeline as a person wrote it, without its name. */
export interface Definition {
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

/** The nodes of a plan, or of a part of it, in the order in which they run. */
export type Sequence = readonly Node[]

export type Node = Step | ReplyNode

/** The name and the path of the reply's delivery; no step can be called so. */
export const replyName = '@reply'

/** The last node of the root: the reply goes to its destination. */
export interface ReplyNode {
  readonly kind: 'reply'
  readonly name: typeof replyName
  readonly path: typeof replyName
  readonly destination: Destination
  readonly delivery: Delivery
  readonly breaker: BreakerSettings
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

export type Step = CallStep | TransformStep | SwitchStep | ParallelStep | SplitStep | NestedStep

/** Steps that run inside a step, as a sequence of their own. */
export interface Body {
  readonly name: string
  /** Of the sequence; its steps are below it. */
  readonly path: string
  /** The condition for the steps to run; `undefined`: they always may. */
  readonly when: Condition | undefined
  readonly flow: Sequence
}

/** Schemas of the data that comes in and goes out: all of them must match. Empty: it may be anything. */
export interface Contract {
  readonly input: readonly SchemaCheck[]
  readonly output: readonly SchemaCheck[]
}

/** The fields of every step. The last five are of its destination, or of the fallback that stands in for it. */
export interface AnyStep {
  readonly name: string
  /** Names from the root, joined by `/`. */
  readonly path: string
  /** By what metrics know it: its name, or inside a nested pipeline, which may have the same names, its path. */
  readonly label: string
  readonly when: Condition | undefined
  /** `undefined`: the step takes and gives anything. */
  readonly contract: Contract | undefined
  readonly onFailure: OnFailure
  readonly delivery: Delivery
  readonly breaker: BreakerSettings
  readonly reply: 'auto' | 'cloudevent' | 'json'
  readonly replyType: string
  readonly streaming: Streaming
}

/** How the answer of a last step goes to who waits for it. */
export interface Streaming {
  /** `auto`: as it comes, where its content type is one of streams. */
  readonly mode: 'auto' | 'always' | 'never'
  /** Between two chunks. */
  readonly idleMs: number
}

/** A step that calls one destination. */
export interface CallStep extends AnyStep {
  readonly kind: 'call'
  readonly destination: Destination
  readonly input: Input
  readonly onEmpty: OnEmpty
}

/** `previous`: the event that the step before gave; `request`: the one that the caller sent. */
export type Input = 'previous' | 'request' | Expression

export type OnEmpty = 'stop' | 'pass' | 'fail'

/** A step that is an expression: its result becomes the data, or the event. */
export interface TransformStep extends AnyStep {
  readonly kind: 'transform'
  readonly transform: Expression
}

/** The fields of every step that holds steps. */
export interface StructuredStep extends AnyStep {
  readonly input: Input
  /** The outcome when the steps inside were filtered. */
  readonly onEmpty: OnEmpty
  /** In the order of the definition. */
  readonly bodies: readonly Body[]
}

/** The first choice whose condition holds; none: the event passes on. */
export interface SwitchStep extends StructuredStep {
  readonly kind: 'switch'
}

/** One of the choices, by their weights. */
export interface SplitStep extends StructuredStep {
  readonly kind: 'split'
  /** Equal keys make the same choice; `undefined`: the choice is that of the request. */
  readonly key: Expression | undefined
  readonly bodies: readonly Share[]
}

export interface Share extends Body {
  /** Relative to those of the others; 0 is never chosen. */
  readonly weight: number
}

/** Another pipeline, run in this one. */
export interface NestedStep extends StructuredStep {
  readonly kind: 'pipeline'
  /** `namespace/name`. */
  readonly pipeline: string
}

/** Branches that run at the same time, and are joined. */
export interface ParallelStep extends StructuredStep {
  readonly kind: 'parallel'
  readonly join: 'merge' | 'array' | 'first' | 'race'
  /** `all`: none may fail; a number: so many have to reply. */
  readonly require: 'all' | number
}

export type OnFailure =
  | { readonly kind: 'fail' }
  | { readonly kind: 'continue' }
  /** Tried in order; there is at least one. */
  | { readonly kind: 'fallback'; readonly fallbacks: readonly Fallback[] }

/** The replacement for a step that failed. */
export type Fallback =
  | { readonly kind: 'destination'; readonly destination: Destination }
  | { readonly kind: 'data'; readonly data: Uint8Array; readonly contentType: string }

/** Callers whom a pipeline lets in. */
export type AccessRule =
  | { readonly kind: 'token'; readonly name: string }
  | { readonly kind: 'subject'; readonly subject: string }
  /** A claim that is the value, or a list that has it. */
  | { readonly kind: 'claim'; readonly claim: string; readonly value: string | number | boolean }

/** A header of a call: where its value is, which is looked up when it is sent. */
export interface CallHeader {
  /** Lower-case. */
  readonly name: string
  readonly source: HeaderSource
}

export type HeaderSource =
  /** As it was written, with its variables. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'env'; readonly variable: string; readonly prefix: string }
  /** The path is absolute. */
  | { readonly kind: 'file'; readonly path: string; readonly prefix: string }
  | { readonly kind: 'secretKeyRef'; readonly secret: string; readonly key: string; readonly prefix: string }

/** A header and who sends it, as in `the fallback of step "score"`. */
export interface HeaderUse extends CallHeader {
  readonly sender: string
}

export interface UrlDestination {
  readonly kind: 'url'
  readonly url: string
  readonly headers: readonly CallHeader[]
  /** PEM, in place of the certificates that the machine trusts. */
  readonly caCerts: string | undefined
  /** `Kind/namespace/name` of the reference that led to the URL; `undefined`: it was written as it is. */
  readonly ref: string | undefined
}

export type Destination =
  | UrlDestination
  /** A local process that the gateway runs; its URL is known while it is ready. */
  | { readonly kind: 'process'; readonly process: ProcessSpec; readonly headers: readonly CallHeader[] }
  /** A `ref` that nothing resolves here, as `Kind/namespace/name`. */
  | { readonly kind: 'unresolved'; readonly ref: string }

/** The local processes of a step (`run`). Two steps with equal specs have processes of their own. */
export interface ProcessSpec {
  /**
   * Its identity: a changed command is another process, so that both can run side by side; the scaling is not part of
   * it.
   */
  readonly key: string
  /** `namespace/pipeline/step`: its name in logs and metrics. */
  readonly step: string
  readonly command: readonly string[]
  /** Absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** GET this path until it answers 2xx; `undefined`: until the port accepts a connection. */
  readonly readinessPath: string | undefined
  readonly readinessTimeoutMs: number
  readonly scaling: Scaling
}

/** How many processes a step has. */
export interface Scaling {
  readonly min: number
  readonly max: number
  /** The calls of one process that scaling aims at. */
  readonly target: number
  /** The calls of one process, at most; Infinity: there is no limit. */
  readonly concurrency: number
  /** A process that was not needed for so long is stopped. */
  readonly idleMs: number
}

export interface Delivery {
  /** Attempts after the first. */
  readonly retry: number
  readonly backoffPolicy: 'exponential' | 'linear'
  readonly backoffDelayMs: number
  readonly backoffMaxMs: number
  /** For each attempt, waiting for a connection included. */
  readonly timeoutMs: number
  readonly retryAfterMaxMs: number
  readonly deadLetterSink: Destination | undefined
  readonly format: 'binary' | 'json'
}

/** opossum's words. */
export interface BreakerSettings {
  readonly enabled: boolean
  readonly errorThresholdPercentage: number
  readonly rollingCountTimeoutMs: number
  readonly resetTimeoutMs: number
  readonly volumeThreshold: number
}
