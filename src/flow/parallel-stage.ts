import { toSluiceError, type BranchFailure, type SluiceError } from '../errors.ts'
import { replyEvent } from '../delivery/reply-event.ts'
import type { CloudEvent } from '../event/event.ts'
import type { ParallelStep } from '../pipeline/node.ts'
import type { Plan } from '../pipeline/plan.ts'
import { createBranch, type Branch } from './branch.ts'
import type { BranchOutcome } from './branch-outcome.ts'
import { destinationOptions } from './destination-options.ts'
import { arrayData, mergeData } from './join-data.ts'
import { ParallelRun, type EndedBranches, type ParallelResult } from './parallel-run.ts'
import type { CreateBody } from './run-body.ts'
import type { RunDeps } from './run-deps.ts'
import type { Stage } from './stage.ts'
import { createStructuredStage, type InsideResult } from './structured-stage.ts'

/** Branches that run at the same time; `join` says what they give together, `require` how many of them have to. */
export function createParallelStage(plan: Plan, step: ParallelStep, createBody: CreateBody, deps: RunDeps): Stage {
  const branches = step.bodies.map(body => createBranch(plan, body, createBody(body), deps))
  const { identify } = destinationOptions(plan, step, deps)
  return createStructuredStage(step, async (event, request, around) => {
    const result = await new ParallelRun(step, branches, event, request, around).run()
    const asker = { requestId: request.id, original: request.original }
    const eventOf = (data: Uint8Array) => replyEvent(event, identify(asker), 'application/json', data)
    const inside = insideOf(result, step, branches, eventOf)
    if (inside.kind === 'failed' || inside.kind === 'cancelled') return inside
    const forgiven = forgivenIn(result.ended, branches)
    return forgiven.length === 0 ? inside : { ...inside, forgiven }
  })
}

function insideOf(
  result: ParallelResult,
  step: ParallelStep,
  branches: readonly Branch[],
  eventOf: (data: Uint8Array) => CloudEvent
): InsideResult {
  if (result.kind !== 'decided' || result.verdict.kind !== 'joined') return resultOf(result, step, branches)
  return step.join === 'sinks' ? { kind: 'passed' } : joined(result.ended, step, branches, eventOf)
}

/** The failures of branches, in the order of time; one before the first step of its branch has the path of that. */
const forgivenIn = ({ outcomes, inTime }: EndedBranches, branches: readonly Branch[]): readonly SluiceError[] =>
  inTime.flatMap(i => {
    const outcome = outcomes[i]
    if (outcome?.kind !== 'failed') return []
    const { error } = outcome
    const path = branches[i]?.path
    return error.facts.path === undefined && path !== undefined ? [error.with({ path })] : [error]
  })

function joined(
  { outcomes, marks }: EndedBranches,
  { join }: ParallelStep,
  branches: readonly Branch[],
  eventOf: (data: Uint8Array) => CloudEvent
): InsideResult {
  const replies = branches.map(({ name }, i) => ({ name, event: repliedBy(outcomes[i]) }))
  try {
    return { kind: 'replied', event: eventOf(join === 'array' ? arrayData(replies) : mergeData(replies)) }
  } catch (thrown) {
    return { kind: 'failed', error: toSluiceError(thrown), marks, letter: undefined }
  }
}

const repliedBy = (outcome: BranchOutcome | undefined): CloudEvent | undefined =>
  outcome?.kind === 'replied' ? outcome.event : undefined

function resultOf(result: ParallelResult, { name }: ParallelStep, branches: readonly Branch[]): InsideResult {
  const { ended } = result
  const { marks, outcomes } = ended
  if (result.kind === 'cancelled') return { kind: 'cancelled', marks }
  if (result.kind === 'held') return { kind: 'failed', error: holdOf(outcomes), marks, letter: undefined }
  const { verdict } = result
  const decisive = 'branch' in verdict ? outcomes[verdict.branch] : undefined
  if (decisive?.kind === 'replied') return decisive
  if (decisive?.kind === 'failed') {
    const { error, letter } = decisive
    return { kind: 'failed', error: error.with({ failures: failuresIn(ended, branches) }), marks, letter }
  }
  const filtered = outcomes.find(outcome => outcome?.kind === 'filtered')
  return { kind: 'filtered', step: filtered?.kind === 'filtered' ? filtered.step : name }
}

/** The hold that is over first speaks for all. */
function holdOf(outcomes: readonly (BranchOutcome | undefined)[]): SluiceError {
  const holds = outcomes.flatMap(outcome => {
    if (outcome?.kind !== 'held') return []
    return outcome.error.facts.holds ?? [outcome.error]
  })
  const soonest = holds.reduce((first, hold) => (afterMs(hold) < afterMs(first) ? hold : first))
  return soonest.with({ holds })
}

const afterMs = ({ facts }: SluiceError): number => facts.retryAfterMs ?? Infinity

/** Each failure in the branches; of a branch that has branches itself, those of them. */
const failuresIn = ({ outcomes, inTime }: EndedBranches, branches: readonly Branch[]): readonly BranchFailure[] =>
  inTime.flatMap(i => {
    const outcome = outcomes[i]
    if (outcome?.kind !== 'failed') return []
    const { code, message, facts } = outcome.error
    return facts.failures ?? [{ path: facts.path ?? branches[i]?.path ?? '', code, detail: message }]
  })
