import { goneText } from '../../pipeline/one-pipeline.ts'
import type { Finding } from '../../control/conditions.ts'
import type { Phase } from '../../control/lifecycle.ts'
import type { CanaryState, StatusFacts } from './pipeline-status.ts'
import { faultText } from './pipeline-view.ts'

/** The conditions of a pipeline in this phase. */
export const findingsOf = (facts: StatusFacts, phase: Phase): readonly Finding[] => [
  ready(facts, phase),
  valid(facts),
  resolved(facts),
  ...rollout(facts),
  ...conflict(facts)
]

function ready(facts: StatusFacts, phase: Phase): Finding {
  const { view, faults, deployed, canaries, former, refused, silent, before, generation } = facts
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
  if (refused.length > 0) return no(facts.isNameTaken ? 'NameTaken' : 'Refused', refused.join('; '))
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
  const notes = [...deployed.flatMap(({ note }) => note ?? []), ...canaries.flatMap(awaited), ...formerNote(former)]
  return {
    type: 'Ready',
    status: true,
    reason: 'Serving',
    message: [`generation ${generation} serves`, ...notes].join('; ')
  }
}

const formerNote = (names: ReadonlySet<string>): string[] =>
  names.size === 0 ? [] : [`${[...names].join(', ')} stays until no request of an older definition needs it`]

/** Why an entry of traffic has no calls yet, or has worse than it should. */
function awaited({ step, tag, state, isServed }: CanaryState): string[] {
  const entry = `the entry "${tag}" of step "${step}"`
  const fault = state?.fault === undefined ? '' : `: ${state.fault}`
  if (!isServed) return [`${entry} has no calls until it is ready${fault}`]
  return fault === '' ? [] : [`${entry} cannot be deployed as it should${fault}`]
}

const older = (message: string): Finding => ({ type: 'Ready', status: true, reason: 'NewGenerationNotReady', message })

function valid({ faults, taken, isLenderGone }: StatusFacts): Finding {
  const no = (reason: Finding['reason'], message: string): Finding => ({
    type: 'Valid',
    status: false,
    reason,
    message
  })
  if (faults.length > 0) return no('Faulty', faults.map(faultText).join('\n'))
  if (taken.length > 0 && isLenderGone) return no('DefinitionGone', goneText({ taken, gone: 'Pipeline' }))
  return { type: 'Valid', status: true, reason: 'Valid', message: 'the definition has no faults' }
}

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
