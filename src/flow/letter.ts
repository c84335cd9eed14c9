import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import type { Request } from './request.ts'

/** Sends what a failed step, or the reply destination, got to the dead letter sink. */
export type SendDeadLetter = (input: CloudEvent, error: SluiceError, request: Request) => Promise<void>

/** The event that a failed step got, and the way to tell its dead letter sink. */
export interface Letter {
  readonly input: CloudEvent
  readonly send: SendDeadLetter
}
