import { stepsOf } from '../pipeline/nodes-of.ts'
import type { Destination } from '../pipeline/destination.ts'
import type { CallStep, Step } from '../pipeline/node.ts'
import type { DesiredPhase } from '../pipeline/runtime-spec.ts'
import type { Controlled } from './controlled.ts'
import type { EntryStatus } from './entry-status.ts'
import type { Phase } from './lifecycle.ts'
import type { HealthOf, ProcessHealth } from './process-health.ts'
import { rolloutStatus, type RolloutStatus } from './rollout/rollout-status.ts'
import type { Surroundings } from './surroundings.ts'

/** A step as `status` shows it. */
export interface StepStatus {
  readonly name: string
  readonly path: string
  readonly desiredPhase: DesiredPhase
  readonly phase: Phase
  /** Of a step with local processes. */
  readonly instances?: { readonly desired: number; readonly ready: number }
  /** Of a step with traffic. */
  readonly traffic?: readonly EntryStatus[]
  /** Of a step with a rollout. */
  readonly rollout?: RolloutStatus
  /** Of a step that calls a destination: `closed`, `open` or `halfOpen`. */
  readonly breaker?: string
}

/** The state of the breaker of a destination on this replica. */
export type BreakerOf = (destination: Destination) => string

/** The entries of a step's traffic as they are now. */
export type TrafficOf = (pipeline: string, step: CallStep) => readonly EntryStatus[]

/** How the steps do that call something. */
export interface StepFacts {
  readonly healthOf: HealthOf
  readonly breakerOf: BreakerOf
  readonly trafficOf: TrafficOf
  readonly rolloutsOf: Surroundings['rolloutsOf']
}

/** The steps of the generation that serves, or else of the one that is to, in the order of the definition. */
export function stepStatuses(entry: Controlled, facts: StepFacts): readonly StepStatus[] {
  const { plan } = entry.current ?? entry.wanted ?? {}
  if (plan === undefined) return []
  const rollouts = new Map(facts.rolloutsOf(plan).map(({ rolled, state }) => [rolled.step, state]))
  return [...stepsOf(plan.flow)].map(step => {
    const status = stepStatus(step, entry, facts)
    const state = step.kind === 'call' ? rollouts.get(step) : undefined
    const tag = step.kind === 'call' ? step.rollout?.tag : undefined
    return state === undefined || tag === undefined ? status : { ...status, rollout: rolloutStatus(tag, state) }
  })
}

function stepStatus(step: Step, entry: Controlled, { healthOf, breakerOf, trafficOf }: StepFacts): StepStatus {
  const desiredPhase = entry.runs ? 'Running' : 'Paused'
  const traffic = step.kind === 'call' && step.traffic.length > 0 ? trafficOf(entry.pipeline, step) : undefined
  const shown = { name: step.name, path: step.path, desiredPhase, ...(traffic !== undefined && { traffic }) } as const
  const around = phaseAround(entry)
  if (step.kind !== 'call') return { ...shown, phase: around ?? 'Running' }
  const breaker = breakerOf(step.destination)
  if (step.destination.kind !== 'process') {
    const own = step.destination.kind === 'unresolved' ? 'Pending' : 'Running'
    return { ...shown, phase: around ?? own, breaker }
  }
  const health = healthOf(step.destination.process.key)
  const instances = entry.runs && health !== undefined ? health.instances : { desired: 0, ready: 0 }
  const always = step.destination.process.scaling.min > 0
  return { ...shown, phase: around ?? phaseOf(health, always), instances, breaker }
}

/** The phase that the pipeline imposes on its steps. */
function phaseAround({ phase }: Controlled): Phase | undefined {
  return phase === 'Pausing' || phase === 'Paused' || phase === 'Deleting' ? phase : undefined
}

function phaseOf(health: ProcessHealth | undefined, always: boolean): Phase {
  switch (health?.state.kind) {
    case 'failing':
      return 'Failed'
    case 'starting':
      return health.wasReady || !always ? 'Scaling' : 'Pending'
    case 'ready':
      return health.instances.ready < health.instances.desired ? 'Scaling' : 'Running'
    case 'idle':
    case 'stopped':
    case undefined:
      return 'Running'
  }
}
