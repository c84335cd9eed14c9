import type { SluiceError } from '../errors.ts'
import type { CloudEvent } from '../event/event.ts'
import { isInside } from '../pipeline/paths.ts'

/*
 * Where a request stands is a mark for each sequence that has begun and not ended. A linear pipeline has one sequence,
 * whose path is empty.
 */

/** The replies of earlier steps by name, kept only for pipelines with expressions. */
export type Replies = ReadonlyMap<string, CloudEvent>

/** The name of a node and what it gets: the sequence goes on there. */
export interface Mark {
  readonly next: string
  readonly event: CloudEvent
  /**
   * Replies of earlier steps of the sequence and of those around it, where an expression of the plan may ask for them.
   */
  readonly replies: Replies
  /** Of a branch that has ended while others run; `undefined`: the sequence goes on. */
  readonly ended: BranchEnd | undefined
  /** The entry of `traffic` that the node has chosen; absent: it has chosen none. */
  readonly chosen?: string
}

/** How a branch ended. `at` is in milliseconds since the epoch. */
export type BranchEnd = { readonly at: number } & (
  | { /** The event of the mark is what it gave. */ readonly kind: 'replied' }
  | { /** The name of the step that filtered it. */ readonly kind: 'filtered'; readonly step: string }
  | { readonly kind: 'failed'; readonly error: SluiceError }
)

/** By the path of their sequences; the root has the empty path. */
export type Marks = ReadonlyMap<string, Mark>

/** The marks of the sequence at the path, and of those inside it. */
export const marksInside = (marks: Marks, path: string): Marks =>
  marks.size === 0 ? marks : new Map([...marks].filter(([other]) => other === path || isInside(other, path)))

/** Whether the sequence at the path, or one inside it or inside the step at the path, has begun. */
export function hasBegun(marks: ReadonlyMap<string, unknown>, path: string): boolean {
  if (marks.size === 0) return false
  return marks.has(path) || marks.keys().some(other => isInside(other, path))
}
