import type { Condition } from '../../control/conditions.ts'
import type { Phase } from '../../control/lifecycle.ts'
import type { Fault } from '../../pipeline/fault.ts'
import type { ChildState } from './child-state.ts'
import type { Counts } from './counts.ts'
import type { PipelineView } from './pipeline-view.ts'
import type { EntryCounts } from './traffic-counts.ts'

/** The status of a pipeline, as the controller writes it. */
export interface PipelineStatus {
  readonly phase: Phase
  readonly conditions: readonly Condition[]
  readonly observedGeneration: number
  readonly generations: Counts['generations']
  readonly steps: readonly StepStatus[]
  readonly stepCount: number
  readonly inFlight: number
  readonly pending: number
  readonly deadLetters: number
  /** `undefined`: nobody calls it. */
  readonly url: string | undefined
  readonly address: { readonly url: string } | undefined
  readonly drainedOnPause: boolean
  /** The fields of the ServingPipeline that are those of the Pipeline of its name. */
  readonly taken: readonly string[]
  readonly replicas: number
}

export interface StepStatus {
  readonly name: string
  readonly path: string
  readonly desiredPhase: 'Running' | 'Paused'
  readonly phase: Phase
  readonly instances?: { readonly desired: number; readonly ready: number }
  readonly traffic?: readonly EntryCounts[]
  readonly breaker?: string
}

/** A step that is deployed, and how its child does; `undefined`: there is none yet. */
export interface DeployedState {
  readonly step: string
  readonly state: ChildState | undefined
  /** Something that its writer may not have expected. */
  readonly note: string | undefined
}

export interface CanaryState {
  readonly step: string
  readonly tag: string
  readonly state: ChildState | undefined
  /** It was ready once. */
  readonly isServed: boolean
}

/** All that a status is made of. */
export interface StatusFacts {
  readonly generation: number
  readonly before: Partial<PipelineStatus>
  readonly faults: readonly Fault[]
  readonly taken: readonly string[]
  /** The Pipeline that they were taken from is not there any more. */
  readonly isLenderGone: boolean
  /** Of the definition that serves: this one, or while it is faulty the one before it; `undefined`: none does. */
  readonly view: PipelineView | undefined
  /** The definition that serves is not known here, but one does. */
  readonly servesOlder: boolean
  readonly deployed: readonly DeployedState[]
  /** The images of entries of traffic, without which the steps serve. */
  readonly canaries: readonly CanaryState[]
  /** The names of what runs although the definition does not have it any more. */
  readonly former: ReadonlySet<string>
  /** The refusals of the API server, a sentence each. */
  readonly refused: readonly string[]
  /** One of them is for a name that somebody else's object has. */
  readonly isNameTaken: boolean
  /** Fields of ours that somebody else has set. */
  readonly conflicts: readonly string[]
  readonly desiredPhase: 'Running' | 'Paused'
  readonly isDeleting: boolean
  readonly counts: Counts
  /** Gateways that did not answer. */
  readonly silent: readonly string[]
  /** All that was in flight has finished, or was put back at the end of the grace period. */
  readonly isDrained: boolean
  /** RFC 3339. */
  readonly now: string
  readonly url: string | undefined
}
