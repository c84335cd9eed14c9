import type { RequestSummary } from '../ledger/record/request-record.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import { isInside } from '../pipeline/paths.ts'
import type { Plan } from '../pipeline/plan.ts'
import { markedSteps, type MarkedStep } from './marked-steps.ts'
import { stepsInOrder } from './steps-in-order.ts'

/** The parts of a record that its steps are told from. */
export type StepsOf = Pick<
  RequestSummary,
  'status' | 'steps' | 'marks' | 'waiting' | 'told' | 'deliveries' | 'finishedAt'
>

/**
 * The steps of a request, each once, in the order of the definition. `live`: those that this replica runs, looked at
 * before the record was read; `plan`: that of its generation, where it is known.
 */
export function stepsNow(record: StepsOf, live: readonly StepNow[] | undefined, plan: Plan | undefined): StepNow[] {
  const steps = new Map<string, StepNow>()
  for (const step of [...record.steps, ...unfinished(record, live, plan)]) {
    if (isLater(step, steps.get(step.path))) steps.set(step.path, step)
  }
  const now = [...steps.values()].map(step => (isOpen(record) ? step : over(step, record)))
  return plan === undefined ? now : [...stepsInOrder(plan, now)]
}

const isOpen = ({ status }: StepsOf): boolean => status === 'running' || status === 'accepted'

/** Nothing runs, and nothing waits, in a request that has come to its end; a run may learn of that a moment later. */
function over(step: StepNow, { finishedAt = Infinity }: StepsOf): StepNow {
  const status = step.status === 'running' || step.status === 'held' ? 'aborted' : step.status
  return { ...step, status, finishedAt: Math.min(step.finishedAt ?? Infinity, finishedAt), waiting: undefined }
}

const isLater = (step: StepNow, known: StepNow | undefined): boolean =>
  known === undefined || lastOf(step) > lastOf(known) || (step.status === 'running' && step.startedAt === undefined)

const lastOf = ({ startedAt = 0, finishedAt = startedAt }: StepNow): number => finishedAt

/** The steps that the visits in the store do not tell of. */
function unfinished(record: StepsOf, live: readonly StepNow[] | undefined, plan: Plan | undefined): readonly StepNow[] {
  const told = record.told?.isFormer === false ? record.told.steps : undefined
  switch (record.status) {
    case 'running':
      return live ?? [...(told ?? []), ...nextSteps(record, plan)]
    case 'accepted':
      return told ?? heldSteps(record, plan)
    case 'cancelled':
      return live ?? told ?? cancelledSteps(record, plan)
    default:
      return []
  }
}

/** One that was held, or had a claim, when it was cancelled. */
function cancelledSteps(record: StepsOf, plan: Plan | undefined): readonly StepNow[] {
  if (record.waiting !== undefined) return heldSteps(record, plan)
  return record.deliveries > 0 ? nextSteps(record, plan) : []
}

/** The steps that run, as far as the marks tell. */
function nextSteps({ marks, steps }: StepsOf, plan: Plan | undefined): readonly StepNow[] {
  const next: StepNow[] = []
  for (const step of markedSteps(marks, plan)) next.push(runningStep(step, steps, next))
  return next
}

/** It began when the step before it in its sequence had ended, or with the step around it, as far as the store knows. */
function runningStep({ name, path }: MarkedStep, steps: StepsOf['steps'], outer: readonly StepNow[]): StepNow {
  const sequence = path.slice(0, path.lastIndexOf('/') + 1)
  const before = steps.filter(step => step.path.startsWith(sequence) && !step.path.includes('/', sequence.length))
  const around = outer.findLast(step => isInside(path, step.path))?.startedAt
  const startedAt = before.length === 0 ? around : Math.max(...before.map(({ finishedAt }) => finishedAt))
  return { name, path, status: 'running', attempts: 0, startedAt, finishedAt: undefined }
}

/** A hold is of a step; other waits of a request do not belong to a step. */
const holds: ReadonlySet<Waiting['reason']> = new Set(['breaker', 'budget', 'step', 'gate'])

/** The steps that are next in a request that is held. */
function heldSteps({ waiting, marks }: StepsOf, plan: Plan | undefined): readonly StepNow[] {
  if (waiting === undefined || !holds.has(waiting.reason)) return []
  return markedSteps(marks, plan).map(({ name, path }) => ({
    name,
    path,
    status: 'held',
    attempts: waiting.lastError?.attempts ?? 0,
    startedAt: waiting.since,
    finishedAt: undefined,
    waiting
  }))
}
