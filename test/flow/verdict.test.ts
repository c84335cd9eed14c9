import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../src/errors.ts'
import type { BranchOutcome } from '../../src/flow/branch-outcome.ts'
import { noMarks } from '../../src/pipeline/paths.ts'
import { verdictOf } from '../../src/flow/verdict.ts'
import type { ParallelStep } from '../../src/pipeline/node.ts'
import { anEvent } from '../helpers/events.ts'

const failure = { error: new SluiceError('STEP_FAILED', 'it failed'), marks: noMarks, letter: undefined }

/** Replied, filtered, skipped, failed, held, or still running. */
const outcomes: Readonly<Record<string, BranchOutcome | undefined>> = {
  r: { kind: 'replied', event: anEvent() },
  e: { kind: 'filtered', step: 'x' },
  s: { kind: 'skipped' },
  f: { kind: 'failed', ...failure },
  h: { kind: 'held', ...failure },
  '.': undefined
}

/** The verdict on branches that stand so, in their order; they ended in this order unless `inTime` says otherwise. */
function verdict(join: ParallelStep['join'], require: ParallelStep['require'], stand: string, inTime?: number[]) {
  const branches = stand.split('').map(letter => outcomes[letter])
  const ended = inTime ?? [...branches.keys()].filter(i => branches[i] !== undefined)
  const { kind, ...rest } = verdictOf({ join, require }, branches, ended)
  return 'branch' in rest ? `${kind} ${rest.branch}` : kind
}

describe('the verdict on branches', () => {
  type Case = readonly [ParallelStep['join'], ParallelStep['require'], string, string, number[] | undefined]
  const inOrder = undefined
  const cases: readonly Case[] = [
    ['merge', 'all', 'r.', 'open', inOrder],
    ['merge', 'all', 'rr', 'joined', inOrder],
    ['merge', 'all', 're', 'joined', inOrder],
    ['merge', 'all', 'rs', 'joined', inOrder],
    ['merge', 'all', 'ee', 'joined', inOrder],
    ['merge', 'all', 'ss', 'empty', inOrder],
    ['merge', 'all', 'rh', 'open', inOrder],
    ['merge', 'all', '.f', 'failed 1', inOrder],
    ['merge', 'all', 'hf', 'failed 1', inOrder],
    ['merge', 'all', 'ff', 'failed 1', [1, 0]],
    ['merge', 1, 'rf', 'joined', inOrder],
    ['merge', 1, 'r.', 'open', inOrder],
    ['merge', 1, 'ef', 'failed 1', inOrder],
    ['merge', 1, 'es', 'empty', inOrder],
    ['merge', 1, 'fh', 'open', inOrder],
    ['array', 2, 'rf.', 'open', inOrder],
    ['array', 2, 'ef.', 'failed 1', inOrder],
    ['array', 2, 'ee.', 'empty', inOrder],
    ['array', 2, 'rfr', 'joined', inOrder],
    ['first', 1, '.r', 'open', inOrder],
    ['first', 1, 'hr', 'open', inOrder],
    ['first', 1, 'r.', 'chosen 0', inOrder],
    ['first', 1, 'fr.', 'chosen 1', inOrder],
    ['first', 1, 'esr.', 'chosen 2', inOrder],
    ['first', 1, 'ff', 'failed 0', inOrder],
    ['first', 1, 'es', 'empty', inOrder],
    ['first', 2, 'r..', 'open', inOrder],
    ['first', 2, 'rr.', 'chosen 0', inOrder],
    ['first', 'all', 'r.', 'open', inOrder],
    ['first', 'all', 'er', 'chosen 1', inOrder],
    ['first', 'all', 'ee', 'empty', inOrder],
    ['first', 'all', 'rf.', 'failed 1', inOrder],
    ['race', 1, '.r', 'chosen 1', inOrder],
    ['race', 1, 'h.', 'open', inOrder],
    ['race', 2, 'rr.', 'chosen 1', [1, 0]],
    ['race', 'all', 'rr', 'chosen 1', [1, 0]],
    ['race', 'all', 'rr.', 'open', inOrder]
  ]

  it.each(cases)('of %s that requires %s, where they stand as %s, is %s', (join, require, stand, expected, inTime) => {
    expect(verdict(join, require, stand, inTime)).toBe(expected)
  })
})
