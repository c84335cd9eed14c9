import { toSluiceError, type SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Letter } from './letter.ts'
import type { Marks } from './mark.ts'
import { noMarks } from '../pipeline/paths.ts'
import type { Request } from './request.ts'
import type { Surroundings } from './surroundings.ts'

/** The result of a step for the event that it got. */
export type StageResult =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  /** The step was skipped, or its failure or its silence is let pass: the event goes on unchanged. */
  | { readonly kind: 'passed'; readonly event: CloudEvent; readonly skipped?: true }
  /** `step`: the name of the step that filtered it, be it one inside the stage. */
  | { readonly kind: 'filtered'; readonly step: string }
  /** `input` is what the step was given, or was to be given. */
  | ({ readonly kind: 'failed'; readonly input: CloudEvent } & Failed)
  | { readonly kind: 'cancelled'; readonly marks: Marks }

/** A failure, be it of a step or of one inside it. */
export interface Failed {
  readonly error: SluiceError
  /** Where the sequences inside stand, so that a replay can begin there. */
  readonly marks: Marks
  /** For the dead letter sink of the step that failed, if one applies; it is sent unless the failure is forgiven. */
  readonly letter: Letter | undefined
}

/** A node ready to run. */
export interface Stage {
  readonly name: string
  readonly path: string
  readonly run: (event: CloudEvent, request: Request, around: Surroundings) => Promise<StageReport>
}

/** The result, and how many attempts of its own it took; the calls of its fallbacks are none. */
export interface StageReport {
  readonly result: StageResult
  readonly attempts: number
  /** The reply was kept, or that of the same call of another request. */
  readonly hit?: true
  /** The failures that did not make it fail, in the order of time. */
  readonly forgiven?: readonly SluiceError[]
}

/** Wraps a stage in what holds for steps of every kind. */
export type StagePolicy = (next: Stage) => Stage

/** The policies around a stage, outermost first. */
export function wrapStage(stage: Stage, ...policies: readonly StagePolicy[]): Stage {
  return policies.reduceRight((next, policy) => policy(next), stage)
}

/** A stage that runs the other one in its own way, under its name. */
export const around = ({ name, path }: Stage, run: Stage['run']): Stage => ({ name, path, run })

/** A failure of a stage that has no sequences inside it. */
export const failedAt = (error: SluiceError, input: CloudEvent): StageResult => ({
  kind: 'failed',
  error,
  input,
  marks: noMarks,
  letter: undefined
})

/** Nobody waits any more for what has no sequences inside it. */
export const cancelled = { kind: 'cancelled', marks: noMarks } as const satisfies StageResult

/**
 * Runs a stage; what it throws is a failure of its step. Expressions throw what they are meant to (EXPRESSION_FAILED
 * …), anything else is a defect, told as one.
 */
export const runSafely = (stage: Stage, ...args: Parameters<Stage['run']>): Promise<StageReport> =>
  runThen(stage, ...args, asItIs)

/** Runs a stage safely, and reads its report, in one promise: this is once in every step of every request. */
export function runThen(
  stage: Stage,
  event: CloudEvent,
  request: Request,
  surroundings: Surroundings,
  read: (report: StageReport) => StageReport
): Promise<StageReport> {
  const failed = (thrown: unknown): StageReport => read({ result: failedAt(toSluiceError(thrown), event), attempts: 0 })
  try {
    return stage.run(event, request, surroundings).then(read, failed)
  } catch (thrown) {
    return Promise.resolve(failed(thrown))
  }
}

const asItIs = (report: StageReport): StageReport => report
