import { toSluiceError, type SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Replies } from './bindings.ts'
import type { Request } from './request.ts'

/** What a step made of the event that it got. */
export type StageResult =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  /** The step was skipped, or its failure or its silence is let pass: the event goes on unchanged. */
  | { readonly kind: 'passed'; readonly event: CloudEvent }
  | { readonly kind: 'filtered' }
  /** `input` is what the step was given, or was to be given. */
  | { readonly kind: 'failed'; readonly error: SluiceError; readonly input: CloudEvent }
  | { readonly kind: 'cancelled' }

/** A step ready to run. */
export interface Stage {
  readonly name: string
  readonly run: (event: CloudEvent, request: Request, replies: Replies) => Promise<StageReport>
}

/** The result, and how many calls it took. */
export interface StageReport {
  readonly result: StageResult
  readonly attempts: number
}

/** Wraps a stage in what holds for steps of every kind. */
export type StagePolicy = (next: Stage) => Stage

/** The policies around a stage, outermost first. */
export function wrapStage(stage: Stage, ...policies: readonly StagePolicy[]): Stage {
  return policies.reduceRight((next, policy) => policy(next), stage)
}

/**
 * Runs a stage; what it throws is a failure of its step. Expressions throw what they are meant to (EXPRESSION_FAILED …),
 * anything else is a defect, told as one.
 */
export const runSafely = (stage: Stage, ...args: Parameters<Stage['run']>): Promise<StageReport> =>
  runThen(stage, ...args, asItIs)

/** Runs a stage safely, and reads its report, in one promise: this is once in every step of every request. */
export function runThen(
  stage: Stage,
  event: CloudEvent,
  request: Request,
  replies: Replies,
  read: (report: StageReport) => StageReport
): Promise<StageReport> {
  const failed = (thrown: unknown): StageReport =>
    read({ result: { kind: 'failed', error: toSluiceError(thrown), input: event }, attempts: 0 })
  try {
    return stage.run(event, request, replies).then(read, failed)
  } catch (thrown) {
    return Promise.resolve(failed(thrown))
  }
}

const asItIs = (report: StageReport): StageReport => report
