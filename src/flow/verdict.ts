import type { ParallelStep } from '../pipeline/node.ts'
import type { BranchOutcome } from './branch-outcome.ts'

/** The standing of a parallel step while some of its branches have ended. A number is the place of a branch. */
export type Verdict =
  /** It depends on branches that have not ended. */
  | { readonly kind: 'open' }
  /** All that ended are joined. */
  | { readonly kind: 'joined' }
  /** The step gives what this branch gave. */
  | { readonly kind: 'chosen'; readonly branch: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'failed'; readonly branch: number }

const open = { kind: 'open' } as const
const empty = { kind: 'empty' } as const

/**
 * Whether the step has come to its end: `require` is met, or cannot be met any more. `outcomes` are in the order of the
 * branches, undefined for those that run; `inTime` has the places of those that ended, in the order in which they did.
 */
export function verdictOf(
  { join, require }: Pick<ParallelStep, 'join' | 'require'>,
  outcomes: readonly (BranchOutcome | undefined)[],
  inTime: readonly number[]
): Verdict {
  const firstOf = (kind: BranchOutcome['kind']) => inTime.find(branch => outcomes[branch]?.kind === kind)
  const count = (kind: BranchOutcome['kind']) => outcomes.filter(outcome => outcome?.kind === kind).length
  const pending = outcomes.filter(isPending).length
  const replied = count('replied')
  const failed = firstOf('failed')
  if (join === 'sinks') {
    if (pending > 0) return open
    return failed === undefined ? { kind: 'joined' } : { kind: 'failed', branch: failed }
  }
  if (require === 'all' ? failed !== undefined : replied + pending < require) {
    return failed === undefined ? empty : { kind: 'failed', branch: failed }
  }
  if (count('skipped') === outcomes.length) return empty
  if (join === 'merge' || join === 'array') return pending === 0 ? { kind: 'joined' } : open
  if (require === 'all' ? pending > 0 : replied < require) return open
  if (replied === 0) return empty
  const branch = join === 'race' ? firstOf('replied') : firstInOrder(outcomes)
  return branch === undefined ? open : { kind: 'chosen', branch }
}

/** The first branch that replied; `undefined`: one before it may still reply. */
function firstInOrder(outcomes: readonly (BranchOutcome | undefined)[]): number | undefined {
  const branch = outcomes.findIndex(outcome => isPending(outcome) || outcome?.kind === 'replied')
  return isPending(outcomes[branch]) ? undefined : branch
}

const isPending = (outcome: BranchOutcome | undefined): boolean => outcome === undefined || outcome.kind === 'held'
