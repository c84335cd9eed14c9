import { conditionsOf, type Condition, type Finding } from '../../control/conditions.ts'
import { transition, type LifecycleEvent, type Phase } from '../../control/lifecycle.ts'
import type { Fault } from '../../pipeline/fault.ts'
import type { ChildState } from './child-state.ts'
import type { Counts } from './counts.ts'
import { faultText, type PipelineView } from './pipeline-view.ts'
import type { EntryCounts } from './traffic-counts.ts'

/** The status of a pipeline, as the controller writes it. */
export interface PipelineStatus {
  readonly phase: Phase
  readonly conditions: readonly Condition[]
  readonly observedGeneration: number
  readonly generations: Counts['generations']
  readonly steps: readonly StepStatus[]
  readonly stepCount: number
  readonly inFlight: number
  readonly pending: number
  readonly deadLetters: number
  /** `undefined`: nobody calls it. */
  readonly url: string | undefined
  readonly address: { readonly url: string } | undefined
  readonly drainedOnPause: boolean
  readonly replicas: number
}

export interface StepStatus {
  readonly name: string
  readonly path: string
  readonly desiredPhase: 'Running' | 'Paused'
  readonly phase: Phase
  readonly instances?: { readonly desired: number; readonly ready: number }
  readonly traffic?: readonly EntryCounts[]
  readonly breaker?: string
}

/** A step that is deployed, and how its child does; `undefined`: there is none yet. */
export interface DeployedState {
  readonly step: string
  readonly state: ChildState | undefined
  /** Something that its writer may not have expected. */
  readonly note: string | undefined
}

/** All that a status is made of. */
export interface StatusFacts {
  readonly generation: number
  readonly before: Partial<PipelineStatus>
  readonly faults: readonly Fault[]
  /** Of the definition that serves: this one, or while it is faulty the one before it; `undefined`: none does. */
  readonly view: PipelineView | undefined
  /** The definition that serves is not known here, but one does. */
  readonly servesOlder: boolean
  readonly deployed: readonly DeployedState[]
  /** The refusals of the API server, a sentence each. */
  readonly refused: readonly string[]
  /** Fields of ours that somebody else has set. */
  readonly conflicts: readonly string[]
  readonly desiredPhase: 'Running' | 'Paused'
  readonly isDeleting: boolean
  readonly counts: Counts
  /** Gateways that did not answer. */
  readonly silent: readonly string[]
  /** All that was in flight has finished, or was put back at the end of the grace period. */
  readonly isDrained: boolean
  /** RFC 3339. */
  readonly now: string
  readonly url: string | undefined
}

export function statusOf(facts: StatusFacts): PipelineStatus {
  const { before, view, deployed, counts, generation, now, url } = facts
  const phase = phaseOf(facts)
  const findings = [ready(facts, phase), valid(facts), resolved(facts), ...rollout(facts), ...conflict(facts)]
  const isPaused = phase === 'Paused'
  return {
    phase,
    conditions: conditionsOf(findings, before.conditions ?? [], generation, now),
    observedGeneration: generation,
    generations: counts.generations,
    steps: view === undefined ? (before.steps ?? []) : view.steps.map(step => stepStatus(step, facts, phase)),
    stepCount: (view?.steps ?? before.steps ?? []).length,
    inFlight: counts.inFlight,
    pending: counts.pending,
    deadLetters: counts.deadLetters,
    url,
    address: url === undefined ? undefined : { url },
    drainedOnPause: isPaused && (before.phase === 'Paused' ? before.drainedOnPause === true : isClean(facts)),
    replicas: deployed.reduce((sum, { state }) => sum + (state?.ready ?? 0), 0)
  }
}

const isClean = ({ counts, silent }: StatusFacts): boolean => counts.drained && silent.length === 0

/** The table of phases says where each of these leads. */
function phaseOf(facts: StatusFacts): Phase {
  const { before, desiredPhase, isDeleting, isDrained, deployed } = facts
  let phase: Phase = before.phase ?? 'Pending'
  const fire = (event: LifecycleEvent): void => {
    phase = transition(phase, event)?.to ?? phase
  }
  if (isDeleting) fire('delete')
  else fire(desiredPhase === 'Paused' ? 'pause' : 'resume')
  const runs = deployed.some(({ state }) => (state?.desired ?? 0) > 0 || (state?.ready ?? 0) > 0)
  if (isDrained && !runs) fire('stopped')
  if (phase !== 'Pausing' && phase !== 'Paused' && !isDeleting) fire(observed(facts))
  return phase
}

function observed({ view, servesOlder, refused, deployed }: StatusFacts): LifecycleEvent {
  if (view === undefined) return servesOlder ? 'serves' : 'fails'
  if (view.unresolved.length > 0 || refused.length > 0) return 'waits'
  const states = deployed.map(({ state }) => state)
  if (states.some(state => state?.fault !== undefined && !state.wasReady)) return 'fails'
  if (states.some(state => state === undefined || !state.wasReady)) return 'waits'
  if (states.some(state => state?.rolls === true)) return 'rolls'
  return states.some(state => state !== undefined && state.ready < state.desired) ? 'scales' : 'serves'
}

function ready(facts: StatusFacts, phase: Phase): Finding {
  const { view, faults, deployed, refused, silent, before, generation } = facts
  const no = (reason: Finding['reason'], message: string): Finding => ({
    type: 'Ready',
    status: false,
    reason,
    message
  })
  if (phase === 'Deleting') {
    if (refused.length > 0) return no('Deleting', `what was deployed cannot be removed: ${refused.join('; ')}`)
    return no('Deleting', ['what is in flight finishes', ...silent].join('; '))
  }
  if (phase === 'Pausing')
    return no('Pausing', ['nothing more is let in; what is in flight finishes', ...silent].join('; '))
  if (phase === 'Paused') {
    const kept =
      before.phase === 'Paused' ? before.conditions?.find(({ type }) => type === 'Ready')?.message : undefined
    return no('Paused', kept ?? ['the pipeline is paused', ...silent].join('; '))
  }
  if (refused.length > 0) return no('Refused', refused.join('; '))
  if (view === undefined && !facts.servesOlder) return no('Faulty', 'there is no good definition to serve')
  if (view !== undefined && view.unresolved.length > 0) return no('Unresolved', view.unresolved.join('; '))
  const failing = deployed.flatMap(({ step, state }) =>
    state?.fault === undefined ? [] : [`the step "${step}" cannot be deployed: ${state.fault}`]
  )
  for (const { step, state } of deployed) {
    if (state?.wasReady === true) continue
    if (state?.fault !== undefined) return no('ProcessFailing', failing.join('; '))
    return no('ProcessStarting', `the step "${step}" is starting`)
  }
  if (faults.length > 0) return older('the last good definition serves')
  if (failing.length > 0) return older(`what runs serves on; ${failing.join('; ')}`)
  const notes = deployed.flatMap(({ note }) => note ?? [])
  return {
    type: 'Ready',
    status: true,
    reason: 'Serving',
    message: [`generation ${generation} serves`, ...notes].join('; ')
  }
}

const older = (message: string): Finding => ({ type: 'Ready', status: true, reason: 'NewGenerationNotReady', message })

const valid = ({ faults }: StatusFacts): Finding =>
  faults.length > 0
    ? { type: 'Valid', status: false, reason: 'Faulty', message: faults.map(faultText).join('\n') }
    : { type: 'Valid', status: true, reason: 'Valid', message: 'the definition has no faults' }

const resolved = ({ view }: StatusFacts): Finding =>
  view !== undefined && view.unresolved.length > 0
    ? { type: 'Resolved', status: false, reason: 'Unresolved', message: view.unresolved.join('; ') }
    : { type: 'Resolved', status: true, reason: 'Resolved', message: 'every reference has an address' }

const rollout = ({ counts }: StatusFacts): Finding[] => {
  if (counts.rollout === undefined) return []
  const { type, status, reason, message } = counts.rollout
  return [{ type, status: status === 'True', reason, message }]
}

const conflict = ({ conflicts }: StatusFacts): Finding[] =>
  conflicts.length === 0
    ? []
    : [{ type: 'Conflict', status: true, reason: 'FieldsTaken', message: conflicts.join('; ') }]

function stepStatus(
  { name, path }: PipelineView['steps'][number],
  { deployed, counts, desiredPhase, isDrained }: StatusFacts,
  phase: Phase
): StepStatus {
  const own = deployed.find(({ step }) => step === name)
  const breaker = counts.breakers.get(path)
  const traffic = counts.traffic.get(path)
  const around = phase === 'Pausing' || phase === 'Paused' || phase === 'Deleting' ? phase : undefined
  return {
    name,
    path,
    // Requests in flight still need it.
    desiredPhase: desiredPhase === 'Paused' && isDrained ? 'Paused' : 'Running',
    phase: around ?? (own === undefined ? 'Running' : phaseOfChild(own.state)),
    ...(own !== undefined && { instances: { desired: own.state?.desired ?? 0, ready: own.state?.ready ?? 0 } }),
    ...(traffic !== undefined && { traffic }),
    ...(breaker !== undefined && { breaker })
  }
}

function phaseOfChild(state: ChildState | undefined): Phase {
  if (state === undefined) return 'Pending'
  if (!state.wasReady) return state.fault === undefined ? 'Pending' : 'Failed'
  if (state.rolls) return 'RollingUpdate'
  return state.ready < state.desired ? 'Scaling' : 'Running'
}
