import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Replies } from './bindings.ts'
import type { Request } from './request.ts'

/** What a step made of the event that it got. */
export type StageResult =
  | { readonly kind: 'replied'; readonly event: CloudEvent }
  /** The step was skipped, or its failure or its silence is let pass: the event goes on unchanged. */
  | { readonly kind: 'passed'; readonly event: CloudEvent }
  | { readonly kind: 'filtered' }
  | { readonly kind: 'failed'; readonly error: SluiceError }
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
