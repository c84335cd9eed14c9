import type { RequestSummary } from '../ledger/record/request-record.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { Plan } from '../pipeline/plan.ts'
import { markedSteps, type MarkedStep } from './marked-steps.ts'
import { stepsInOrder } from './steps-in-order.ts'

/** The parts of a record that its steps are told from. */
export type StepsOf = Pick<RequestSummary, 'status' | 'steps' | 'marks' | 'waiting'>

/**
 * The steps of a request, each once, in the order of the definition. `live`: those that this replica runs, looked at
 * before the record was read; `plan`: that of its generation, where it is known.
 */
export function stepsNow(record: StepsOf, live: readonly StepNow[] | undefined, plan: Plan | undefined): StepNow[] {
  const steps = new Map<string, StepNow>()
  for (const step of visited(record)) if (isLater(step, steps.get(step.path))) steps.set(step.path, step)
  for (const step of unfinished(record, live, plan)) if (isLater(step, steps.get(step.path))) steps.set(step.path, step)
  return plan === undefined ? [...steps.values()] : [...stepsInOrder(plan, [...steps.values()])]
}

/** A step that was held when the request came to its end waits for nothing any more. */
const visited = ({ status, steps }: StepsOf): readonly StepNow[] =>
  status === 'running' || status === 'accepted'
    ? steps
    : steps.map(step => (step.status === 'held' ? { ...step, status: 'aborted' } : step))

const isLater = (step: StepNow, known: StepNow | undefined): boolean =>
  known === undefined || lastOf(step) > lastOf(known) || (step.status === 'running' && step.startedAt === undefined)

const lastOf = ({ startedAt = 0, finishedAt = startedAt }: StepNow): number => finishedAt

function unfinished(record: StepsOf, live: readonly StepNow[] | undefined, plan: Plan | undefined): readonly StepNow[] {
  switch (record.status) {
    case 'running':
      return live ?? markedSteps(record.marks, plan).map(step => runningStep(step, record.steps))
    case 'accepted':
      return heldSteps(record, plan)
    default:
      return []
  }
}

/** It began when the step before it in its sequence had ended, as far as the store knows. */
function runningStep({ name, path }: MarkedStep, steps: StepsOf['steps']): StepNow {
  const sequence = path.slice(0, path.lastIndexOf('/') + 1)
  const before = steps.filter(step => step.path.startsWith(sequence) && !step.path.includes('/', sequence.length))
  const startedAt = before.length === 0 ? undefined : Math.max(...before.map(({ finishedAt }) => finishedAt))
  return { name, path, status: 'running', attempts: 0, startedAt, finishedAt: undefined }
}

/** A hold is of a step; other waits of a request do not belong to a step. */
const holds: ReadonlySet<Waiting['reason']> = new Set(['breaker', 'budget', 'step', 'gate'])

function heldSteps({ waiting, marks }: StepsOf, plan: Plan | undefined): readonly StepNow[] {
  if (waiting === undefined || !holds.has(waiting.reason)) return []
  if (waiting.steps !== undefined)
    return waiting.steps.map(step => ({ ...step, status: 'held', finishedAt: undefined }))
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
