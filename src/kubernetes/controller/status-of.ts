import { conditionsOf } from '../../control/conditions.ts'
import { transition, type LifecycleEvent, type Phase } from '../../control/lifecycle.ts'
import type { ChildState } from './child-state.ts'
import { findingsOf } from './findings-of.ts'
import type { PipelineStatus, StatusFacts, StepStatus } from './pipeline-status.ts'
import type { PipelineView } from './pipeline-view.ts'

export function statusOf(facts: StatusFacts): PipelineStatus {
  const { before, view, deployed, canaries, counts, generation, now, url } = facts
  const phase = phaseOf(facts)
  const findings = findingsOf(facts, phase)
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
    taken: facts.taken,
    replicas: [...deployed, ...canaries].reduce((sum, { state }) => sum + (state?.ready ?? 0), 0)
  }
}

const isClean = ({ counts, silent }: StatusFacts): boolean => counts.drained && silent.length === 0

/** The table of phases says where each of these leads. */
function phaseOf(facts: StatusFacts): Phase {
  const { before, desiredPhase, isDeleting, isDrained, deployed, canaries } = facts
  let phase: Phase = before.phase ?? 'Pending'
  const fire = (event: LifecycleEvent): void => {
    phase = transition(phase, event)?.to ?? phase
  }
  if (isDeleting) fire('delete')
  else fire(desiredPhase === 'Paused' ? 'pause' : 'resume')
  const runs = [...deployed, ...canaries].some(({ state }) => (state?.desired ?? 0) > 0 || (state?.ready ?? 0) > 0)
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
