/**
 * Where a pipeline is in its life:
 *
 * - Pending:       nothing can serve yet, and waiting may help
 * - Failed:        nothing can serve, and only an edit helps, or a start that works
 * - Running:       all is as it should be
 * - Scaling:       fewer processes are ready than wanted
 * - RollingUpdate: something of an older generation is in flight
 * - Pausing:       nothing more is let in, and what is in flight finishes
 * - Paused:        nothing is in flight, and nothing runs
 * - Deleting:      as if there were no such pipeline, while what is in flight finishes
 * - Gone:          over
 */
export type Phase =
  'Pending' | 'Failed' | 'Running' | 'Scaling' | 'RollingUpdate' | 'Pausing' | 'Paused' | 'Deleting' | 'Gone'

/**
 * The events of a pipeline. Observed: it `waits` or `fails`, an older generation `rolls` out, it `scales`, it `serves`;
 * what was in flight has `drained`, or the grace period is over and it is `late`; its processes have `stopped`. Wanted: `pause`, `resume`, `delete`,
 * `restore` (what was being deleted is wanted again).
 */
export type LifecycleEvent =
  | 'waits'
  | 'fails'
  | 'rolls'
  | 'scales'
  | 'serves'
  | 'drained'
  | 'late'
  | 'stopped'
  | 'pause'
  | 'resume'
  | 'delete'
  | 'restore'

/** The effect of a change: opens or closes the gate, puts back what is in flight, stops processes, or starts them again. */
export type LifecycleAction = 'open' | 'close' | 'hide' | 'cut' | 'stop' | 'start' | 'remove'

export interface Transition {
  readonly from: readonly Phase[]
  readonly on: LifecycleEvent
  readonly to: Phase
  readonly does: readonly LifecycleAction[]
}

const active = ['Pending', 'Failed', 'Running', 'Scaling', 'RollingUpdate'] as const

/** From which phase which event leads where. Any other event changes nothing. */
export const transitions: readonly Transition[] = [
  { from: active, on: 'waits', to: 'Pending', does: [] },
  { from: active, on: 'fails', to: 'Failed', does: [] },
  { from: active, on: 'rolls', to: 'RollingUpdate', does: [] },
  { from: active, on: 'scales', to: 'Scaling', does: [] },
  { from: active, on: 'serves', to: 'Running', does: [] },

  { from: active, on: 'pause', to: 'Pausing', does: ['close'] },
  { from: ['Pausing'], on: 'late', to: 'Pausing', does: ['cut'] },
  { from: ['Pausing'], on: 'drained', to: 'Pausing', does: ['stop'] },
  { from: ['Pausing'], on: 'stopped', to: 'Paused', does: [] },
  { from: ['Pausing'], on: 'resume', to: 'Pending', does: ['start', 'open'] },
  { from: ['Paused'], on: 'resume', to: 'Pending', does: ['start', 'open'] },

  { from: [...active, 'Pausing'], on: 'delete', to: 'Deleting', does: ['hide'] },
  { from: ['Paused'], on: 'delete', to: 'Gone', does: ['hide', 'remove'] },
  { from: ['Deleting'], on: 'late', to: 'Deleting', does: ['cut'] },
  { from: ['Deleting'], on: 'drained', to: 'Gone', does: ['remove'] },
  { from: ['Deleting'], on: 'restore', to: 'Pending', does: ['start', 'open'] }
]

/** Where the event leads, and what is done on the way; `undefined`: it changes nothing here. */
export const transition = (from: Phase, on: LifecycleEvent): Transition | undefined =>
  transitions.find(each => each.on === on && each.from.includes(from))
