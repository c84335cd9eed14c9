import { formatFault } from '../pipeline/fault.ts'
import { goneText, unusedFields } from '../pipeline/one-pipeline.ts'
import { placeOf } from './claims.ts'
import type { Finding } from './conditions.ts'
import type { Controlled } from './controlled.ts'
import type { Numbered } from './numbered.ts'
import { dependenciesReady, pausedText } from './dependency-findings.ts'
import { durableFinding } from './durable-finding.ts'
import type { LifecycleEvent } from './lifecycle.ts'
import { unsentTokens } from '../pipeline/destination-uses.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import { unresolvedAdvice } from '../pipeline/unresolved.ts'
import type { HealthOf, ProcessHealth } from './process-health.ts'
import type { Surroundings } from './surroundings.ts'
import { processesOf } from './processes-of.ts'
import { rolloutFinding } from './rollout/rollout-status.ts'

/** The behaviour of an active pipeline, as the table of phases names it. */
export function observedEvent(entry: Controlled, healthOf: HealthOf): LifecycleEvent {
  const { current, rolls } = entry
  if (current === undefined) return entry.storeFault === undefined ? 'fails' : 'waits'
  if (current.plan.unresolved.length > 0 || entry.blocked !== undefined || entry.lacking !== undefined) return 'waits'
  const processes = healthsOf(current, healthOf)
  if (processes.some(fails)) return 'fails'
  if (processes.some(isAwaited)) return 'waits'
  if (rolls) return 'rolls'
  return processes.some(({ instances }) => instances.ready < instances.desired) ? 'scales' : 'serves'
}

/** One failure may be an accident, after which it is started again; two in a row are not, nor is the first start. */
const fails = ({ state, wasReady, failures }: ProcessHealth): boolean =>
  state.kind === 'failing' && (!wasReady || failures > 1)

/** Nobody runs it yet. */
const unknown: ProcessHealth = {
  state: { kind: 'idle' },
  wasReady: false,
  failures: 0,
  instances: { desired: 0, ready: 0 }
}

/** A process of a step, and whether the definition has one run always. */
interface StepHealth extends ProcessHealth {
  readonly always: boolean
}

const healthOfStep = ({ key, scaling }: ProcessSpec, healthOf: HealthOf): StepHealth => ({
  ...(healthOf(key) ?? unknown),
  always: scaling.min > 0
})

const healthsOf = ({ plan }: Numbered, healthOf: HealthOf): StepHealth[] =>
  processesOf(plan).map(process => healthOfStep(process, healthOf))

/** The first process of a step is on its way, and nobody's call has asked for it. */
const isAwaited = ({ always, wasReady }: StepHealth): boolean => always && !wasReady

/** Whether each of the processes was ready once, and does not fail. */
export const areReady = (processes: readonly ProcessSpec[], healthOf: HealthOf): boolean =>
  processes
    .map(process => healthOfStep(process, healthOf))
    .every(({ state, wasReady }) => wasReady && state.kind !== 'failing')

/** Whether a process of the generation has yet to be ready for the first time, though it runs always, or fails. */
export const neverServed = (generation: Numbered, healthOf: HealthOf): boolean =>
  healthsOf(generation, healthOf).some(
    ({ always, wasReady, state }) => !wasReady && (always || state.kind === 'failing')
  )

/** The conditions of a pipeline, the most important first. */
export function findingsOf(entry: Controlled, { healthOf, durability, rolloutsOf }: Surroundings): readonly Finding[] {
  const durable = durableFinding(entry, durability())
  const serving = entry.current ?? entry.wanted
  const needs = serving?.needs.size ?? 0
  const rollout = serving && rolloutFinding(rolloutsOf(serving.plan))
  return [
    ready(entry, healthOf),
    valid(entry),
    resolved(entry),
    ...(rollout === undefined ? [] : [rollout]),
    ...(needs > 0 ? [dependenciesReady(entry)] : []),
    ...conflict(entry),
    ...(durable === undefined ? [] : [durable])
  ]
}

function ready(entry: Controlled, healthOf: HealthOf): Finding {
  const { phase, current, wanted } = entry
  const no = (reason: Finding['reason'], message: string): Finding => ({
    type: 'Ready',
    status: false,
    reason,
    message
  })
  if (phase === 'Paused') return no('Paused', pausedText(entry))
  if (phase === 'Pausing') return no('Pausing', 'nothing more is let in; what is in flight finishes')
  if (phase === 'Deleting' || phase === 'Gone') return no('Deleting', 'what is in flight finishes')
  if (current === undefined && entry.storeFault !== undefined) return no('StoreAway', entry.storeFault)
  if (current === undefined) return no('Faulty', 'there is no good definition to serve')
  if (entry.blocked !== undefined) return no('DependencyNotReady', entry.blocked)
  if (entry.lacking !== undefined) return no('HeaderMissing', entry.lacking)
  const cause = unreadiness(current, healthOf)
  if (cause !== undefined) return no(...cause)
  const isOld = wanted !== undefined && wanted !== current
  const why = isOld ? (unreadiness(wanted, healthOf)?.[1] ?? entry.nextBlocked ?? entry.nextLacking) : undefined
  return isOld
    ? {
        type: 'Ready',
        status: true,
        reason: 'NewGenerationNotReady',
        message: `generation ${current.generation} serves, since generation ${wanted.generation} is not ready: ${why ?? 'it is starting'}`
      }
    : { type: 'Ready', status: true, reason: 'Serving', message: `generation ${current.generation} serves` }
}

/** Why a generation cannot take requests now; `undefined`: it can. */
function unreadiness(generation: Numbered, healthOf: HealthOf): [Finding['reason'], string] | undefined {
  const { unresolved } = generation.plan
  if (unresolved.length > 0) return ['Unresolved', unresolvedText(unresolved)]
  for (const process of processesOf(generation.plan)) {
    const health = healthOfStep(process, healthOf)
    const { state } = health
    const { step } = process
    const name = step.slice(step.lastIndexOf('/') + 1)
    if (state.kind === 'failing') return ['ProcessFailing', `the process of step "${name}" ${state.reason}`]
    if (isAwaited(health)) return ['ProcessStarting', `the process of step "${name}" is starting`]
  }
  return undefined
}

const unresolvedText = (names: readonly string[]): string =>
  `nothing resolves ${names.join(', ')} here; ${unresolvedAdvice(names)}`

function valid(entry: Controlled): Finding {
  const { joined, storeFault, compileFault } = entry
  const no = (reason: Finding['reason'], message: string): Finding => ({
    type: 'Valid',
    status: false,
    reason,
    message
  })
  if (joined.faults.length > 0) return no('Faulty', joined.faults.map(formatFault).join('\n'))
  if (compileFault !== undefined) return no('Faulty', compileFault)
  if (joined.away !== undefined) return no('SourceAway', `the last known good definition is served: ${joined.away}`)
  if (joined.one?.gone !== undefined) return no('DefinitionGone', goneText(joined.one))
  if (storeFault !== undefined) return no('StoreAway', `the definition waits for its number: ${storeFault}`)
  return {
    type: 'Valid',
    status: true,
    reason: 'Valid',
    message: ['the definition has no faults', ...unusedText(entry)].join('; ')
  }
}

/** Beside a ServingPipeline some fields of a Pipeline do nothing. */
function unusedText({ halves }: Controlled): readonly string[] {
  const sourced = halves.has('ServingPipeline') ? halves.get('Pipeline')?.claim.definition : undefined
  const unused = sourced === undefined ? [] : unusedFields(sourced.definition.spec)
  return unused.length === 0
    ? []
    : [`beside the ServingPipeline these fields of the Pipeline do nothing: ${unused.join(', ')}`]
}

function resolved({ wanted }: Controlled): Finding {
  const names = wanted?.plan.unresolved ?? []
  return names.length > 0
    ? { type: 'Resolved', status: false, reason: 'Unresolved', message: unresolvedText(names) }
    : { type: 'Resolved', status: true, reason: 'Resolved', message: resolvedText(wanted?.plan.audiences ?? []) }
}

function resolvedText(audiences: Plan['audiences']): string {
  const unsent = unsentTokens(audiences)
  return `every reference has an address${unsent === undefined ? '' : `; ${unsent}`}`
}

function conflict({ halves, pipeline }: Controlled): Finding[] {
  const lost = [...halves].filter(([, { rivals }]) => rivals.length > 0)
  if (lost.length === 0) return []
  const messages = lost.map(([kind, { claim, rivals }]) => {
    const name = halves.size > 1 ? `the ${kind} ${pipeline}` : pipeline
    return `${name} is defined in ${claim.claimant}, and not served from ${rivals.map(placeOf).join(', ')}`
  })
  return [{ type: 'Conflict', status: true, reason: 'NameTaken', message: messages.join('; ') }]
}
