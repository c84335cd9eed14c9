import type { CloudEvent } from '../event/event.ts'
import type { Marks, Replies } from './mark.ts'

/** The things that a stage finds when it begins. */
export interface Surroundings {
  /** `$request` in expressions: the event that the pipeline was given. */
  readonly original: CloudEvent
  /** Of earlier steps, in its own sequence and those around it. */
  readonly replies: Replies
  /** Where the sequences inside it stood when the request was put down; none: it begins. */
  readonly marks: Marks
  /** The entry of traffic that its step has chosen; absent: the step has no traffic. */
  readonly chosen?: string
}
