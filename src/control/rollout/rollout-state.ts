import { failurePercent, noAttempts, p95, type AttemptCount } from '../../flow/traffic/attempt-counts.ts'
import type { EntryShare } from '../../flow/traffic/turns.ts'
import type { Rollout } from '../../pipeline/node.ts'

/**
 * - Progressing: the share grows
 * - Completed:   the last share was held well
 * - Aborted:     the share is 0, until somebody begins anew
 */
export type RolloutPhase = 'Progressing' | 'Completed' | 'Aborted'

export interface RolloutEvent {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly percent: number
  readonly why: string
}

/** How far a rollout is: the same for all replicas of a store. */
export interface RolloutState {
  /** Names the share as it was given at a time: attempts count for one share only. */
  readonly id: string
  /** The destination of the entry; another one begins anew. */
  readonly of: string
  readonly phase: RolloutPhase
  /** The place of its share among the steps; -1: it has none of them. */
  readonly place: number
  readonly percent: number
  /** When it was given this share, in milliseconds since the epoch. */
  readonly at: number
  readonly history: readonly RolloutEvent[]
}

/** Attempts since the share was given, of all replicas together. */
export interface RolloutCounts {
  readonly tag: AttemptCount
  readonly others: AttemptCount
}

export const noCounts: RolloutCounts = { tag: noAttempts, others: noAttempts }

const kept = 50

/** The rollout of a destination that was not known before. */
export const begun = (rollout: Rollout, now: number, id: string): RolloutState =>
  moved(
    { id: '', of: rollout.of, phase: 'Progressing', place: -1, percent: 0, at: now, history: [] },
    rollout,
    0,
    'it begins',
    now,
    id
  )

/** The state that comes next by itself; `undefined`: nothing, for now. */
export function judged(
  state: RolloutState,
  rollout: Rollout,
  counts: RolloutCounts,
  now: number,
  id: string
): RolloutState | undefined {
  if (state.phase !== 'Progressing' || counts.tag.calls < rollout.minCalls) return undefined
  const fault = faultOf(rollout, counts)
  if (fault !== undefined) return aborted(state, fault, now, id)
  if (now < state.at + rollout.everyMs) return undefined
  return promoted(state, rollout, `${counts.tag.calls} calls went well`, now, id)
}

/** The next share, or the end of the rollout. */
export function promoted(state: RolloutState, rollout: Rollout, why: string, now: number, id: string): RolloutState {
  const place = state.place + 1
  if (place < rollout.steps.length) return moved(state, rollout, place, why, now, id)
  return changed(state, { phase: 'Completed', id }, { at: now, percent: state.percent, why: `it is complete: ${why}` })
}

export const aborted = (state: RolloutState, why: string, now: number, id: string): RolloutState =>
  changed(state, { phase: 'Aborted', place: -1, percent: 0, at: now, id }, { at: now, percent: 0, why })

/** Begins with the first share again. */
export const restarted = (state: RolloutState, rollout: Rollout, why: string, now: number, id: string): RolloutState =>
  moved(state, rollout, 0, why, now, id)

/** The shares of the entries of a step: one that is rolled out has its own, the others share what is left as they would all of it. */
export function sharesAt(state: RolloutState | undefined, entries: readonly EntryShare[]): readonly EntryShare[] {
  const of = entries.find(({ rolled }) => rolled !== undefined)?.rolled
  if (of === undefined) return entries
  const percent = state?.of === of ? state.percent : 0
  return entries.map(({ name, percent: own, rolled }) => ({
    name,
    percent: rolled === undefined ? (own * (100 - percent)) / 100 : percent
  }))
}

function moved(
  state: RolloutState,
  { steps }: Rollout,
  place: number,
  why: string,
  now: number,
  id: string
): RolloutState {
  const percent = steps[place] ?? 0
  return changed(state, { phase: 'Progressing', place, percent, at: now, id }, { at: now, percent, why })
}

const changed = (state: RolloutState, changes: Partial<RolloutState>, event: RolloutEvent): RolloutState => ({
  ...state,
  ...changes,
  history: [...state.history, event].slice(-kept)
})

/** Why the entry is worse than it may be, and than the others; these do not count where they had too few calls. */
function faultOf(
  { tag: name, minCalls, failurePercent: mostFailures, p95Ms }: Rollout,
  { tag, others }: RolloutCounts
): string | undefined {
  const compares = others.calls >= minCalls
  const failures = failurePercent(tag)
  if (failures > mostFailures && (!compares || failures > failurePercent(others))) {
    const beside = compares ? `, ${shown(failurePercent(others))} of the others` : ''
    return `${shown(failures)} percent of ${tag.calls} calls of "${name}" failed${beside}; ${mostFailures} may`
  }
  const took = p95(tag)
  if (took > p95Ms && (!compares || took > p95(others))) {
    const beside = compares ? `, of the others ${Math.round(p95(others))} ms` : ''
    return `95 of 100 calls of "${name}" took up to ${Math.round(took)} ms${beside}; ${p95Ms} ms are allowed`
  }
  return undefined
}

const shown = (percent: number): string => String(Math.round(percent * 10) / 10)
