import type { CloudEvent } from '../event/event.ts'
import type { Replies } from './bindings.ts'

/*
 * Where a request stands is a mark for each sequence that has begun and not ended. A linear pipeline has one sequence,
 * whose path is empty.
 */

/** The name of a node and what it gets: the sequence goes on there. */
export interface Mark {
  readonly next: string
  readonly event: CloudEvent
  /** Replies of earlier steps of the sequence and of those around it, where an expression of the plan may ask for them. */
  readonly replies: Replies
}

/** By the path of their sequences; the root has the empty path. */
export type Marks = ReadonlyMap<string, Mark>

/** The path of the sequence that is the whole plan. */
export const rootPath = ''

/** Nothing has begun. */
export const noMarks: Marks = new Map()
