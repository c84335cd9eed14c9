import type { CloudEvent } from '../event/event.ts'
import type { BranchOutcome } from './branch-outcome.ts'
import type { Mark, Marks, Replies } from './mark.ts'
import { noMarks } from '../pipeline/paths.ts'

const noEvent: CloudEvent = { attributes: new Map(), data: undefined }
const noReplies: Replies = new Map()

/**
 * Where a branch stands that came to an outcome; `at` is in milliseconds since the epoch. Marks of outer sequences come
 * first. One that failed keeps where it did, for a replay.
 */
export function branchMarks(path: string, outcome: BranchOutcome, at: number): Marks {
  const endedWith = (event: CloudEvent, ended: Mark['ended']): Marks =>
    new Map([[path, { next: '', event, replies: noReplies, ended }]])
  switch (outcome.kind) {
    case 'replied':
      return endedWith(outcome.event, { kind: 'replied', at })
    case 'filtered':
      return endedWith(noEvent, { kind: 'filtered', step: outcome.step, at })
    case 'skipped':
      return noMarks
    case 'held':
      return outcome.marks
    case 'failed': {
      const { error, marks } = outcome
      const stood = marks.get(path) ?? { next: '', event: noEvent, replies: noReplies }
      const inner = [...marks].filter(([other]) => other !== path).toReversed()
      return new Map([[path, { ...stood, ended: { kind: 'failed', error, at } }], ...inner])
    }
  }
}
