import type { Condition } from './condition.ts'
import type { Contract } from './contract/contract.ts'
import type { BreakerSettings, Delivery } from './delivery.ts'
import type { Destination } from './destination.ts'
import type { Expression } from './expression.ts'
import type { OnFailure } from './on-failure.ts'

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

export type Step = CallStep | TransformStep | SwitchStep | ParallelStep | SplitStep | NestedStep | SinkStep

/** The name and the path of the step that has the sinks of a pipeline in it. */
export const sinksName = 'sinks'

/** The step that has them; without sinks any step may be called so. */
export const isSinks = (node: Node): boolean => node.kind === 'parallel' && node.join === 'sinks'

/** One of the sinks: the event goes there, and passes on. */
export interface SinkStep extends AnyStep {
  readonly kind: 'sink'
  readonly destination: Destination
  readonly input: 'previous'
  readonly onEmpty: 'pass'
}

/** Steps that run inside a step, as a sequence of their own. */
export interface Body {
  readonly name: string
  /** Of the sequence; its steps are below it. */
  readonly path: string
  /** The condition for the steps to run; `undefined`: they always may. */
  readonly when: Condition | undefined
  readonly flow: Sequence
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
  /** Its own, or that of the first entry of its traffic. */
  readonly destination: Destination
  /** Where its calls go, in the order of the definition; none: all go to its own destination. */
  readonly traffic: readonly TrafficEntry[]
  readonly mirror: Mirror | undefined
  readonly rollout: Rollout | undefined
  readonly input: Input
  readonly onEmpty: OnEmpty
  /** Calls of the destination at once; `undefined`: any number. */
  readonly concurrency: number | undefined
  readonly hedge: Hedge | undefined
  readonly cache: StepCache | undefined
}

/** Replies that are used again. */
export interface StepCache {
  readonly ttlMs: number
  /** Equal keys have equal replies; `undefined`: equal data of one content type has. */
  readonly key: Expression | undefined
}

/** The name of the entry that is the step's own destination; no tag can be called so. */
export const ownEntry = '@own'

/** A destination of a step, and its share of the calls. */
export interface TrafficEntry {
  /** Its tag, or `@` and its place: a request that has chosen it keeps it by this name. */
  readonly name: string
  readonly tag: string | undefined
  readonly percent: number
  readonly destination: Destination
}

/** How the share of an entry grows by itself. */
export interface Rollout {
  /** The tag of the entry, which is its name too. */
  readonly tag: string
  /** Names the destination of the entry: another one begins anew. */
  readonly of: string
  /** Its shares, in percent. */
  readonly steps: readonly number[]
  readonly everyMs: number
  readonly minCalls: number
  /** More failures, or slower calls, end it; Infinity: any. */
  readonly failurePercent: number
  readonly p95Ms: number
}

/** A destination that gets copies of calls. */
export interface Mirror {
  readonly destination: Destination
  readonly percent: number
}

/** Calls beside one that is slow. */
export interface Hedge {
  /** Before each further call. */
  readonly delayMs: number
  /** Calls beside the first. */
  readonly max: number
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
  /** `sinks`: they give nothing, and each is waited for. */
  readonly join: 'merge' | 'array' | 'first' | 'race' | 'sinks'
  /** `all`: none may fail; a number: so many have to reply. */
  readonly require: 'all' | number
}
