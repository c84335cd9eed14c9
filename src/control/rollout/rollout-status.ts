import type { Finding } from '../conditions.ts'
import { isAwaitedEntry, type RolledStep } from './rolled-steps.ts'
import type { RolloutState } from './rollout-state.ts'

/** A rollout as `status` shows it. Times are RFC 3339. */
export interface RolloutStatus {
  readonly tag: string
  readonly phase: RolloutState['phase']
  readonly percent: number
  /** When it was given this share. */
  readonly since: string
  readonly history: readonly { readonly at: string; readonly percent: number; readonly why: string }[]
}

/** The rollout of a step, and how far it is; `undefined`: that is not known yet. */
export interface RolledState {
  readonly rolled: RolledStep
  readonly state: RolloutState | undefined
  /** Another gateway of the store, which took up its definition later, rolls out another destination of the step. */
  readonly isOthers: boolean
}

export const rolloutStatus = (tag: string, { phase, percent, at, history }: RolloutState): RolloutStatus => ({
  tag,
  phase,
  percent,
  since: new Date(at).toISOString(),
  history: history.map(event => ({ ...event, at: new Date(event.at).toISOString() }))
})

/** The condition of a pipeline's rollouts: the worst of them counts; `undefined`: there are none. */
export function rolloutFinding(states: readonly RolledState[]): Finding | undefined {
  if (states.length === 0) return undefined
  const has = (phase: RolloutState['phase']): boolean => states.some(({ state }) => state?.phase === phase)
  const isComplete = states.every(({ state }) => state?.phase === 'Completed')
  const reason = has('Aborted') ? 'Aborted' : isComplete ? 'Completed' : 'Progressing'
  return { type: 'Rollout', status: reason !== 'Aborted', reason, message: states.map(textOf).join('; ') }
}

function textOf({ rolled, state, isOthers }: RolledState): string {
  const { step, rollout } = rolled
  const at = `step "${step.name}": "${rollout.tag}"`
  if (isAwaitedEntry(rolled)) return `${at} has 0 percent until it is ready`
  if (isOthers) return `${at} has 0 percent here: another gateway of the store rolls out another destination`
  if (state === undefined) return `${at} begins when the store is open`
  const why = state.history.at(-1)?.why ?? ''
  return `${at} has ${state.percent} percent: ${why}`
}
