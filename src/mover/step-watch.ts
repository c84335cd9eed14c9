import type { RunningCall, StepPlace, Visit } from '../flow/request.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { HeldStep, Waiting } from '../ledger/record/waiting.ts'
import type { Plan } from '../pipeline/plan.ts'
import { stepRecord } from './visits.ts'
import { stepsInOrder } from './steps-in-order.ts'

interface Begun extends StepPlace {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** The steps of one run of a stored request, from when they begin. */
export class StepWatch {
  readonly #begun: Begun[] = []
  #held: Map<string, Waiting> | undefined
  readonly #visits: readonly Visit[]
  readonly #calls: ReadonlySet<RunningCall>
  /** The plan that runs; `undefined`: it has not begun. */
  plan: Plan | undefined

  constructor(visits: readonly Visit[], calls: ReadonlySet<RunningCall>) {
    this.#visits = visits
    this.#calls = calls
  }

  begins({ name, path }: StepPlace): void {
    this.#begun.push({ name, path, startedAt: Date.now() })
  }

  holds(path: string, waiting: Waiting): void {
    this.#held ??= new Map()
    this.#held.set(path, waiting)
  }

  /** All that have begun in this run, in the order of the definition. */
  get steps(): readonly StepNow[] {
    return withHeldAround(this.#begunSteps)
  }

  get #begunSteps(): readonly StepNow[] {
    const visited = new Set(this.#visits.map(({ path }) => path))
    const running = this.#begun.filter(({ path }) => !visited.has(path)).map(step => this.#running(step))
    const ended = this.#visits.map(visit => {
      const waiting = visit.outcome === 'held' ? this.#held?.get(visit.path) : undefined
      return waiting === undefined ? stepRecord(visit) : { ...stepRecord(visit), finishedAt: undefined, waiting }
    })
    return this.plan === undefined ? [] : stepsInOrder(this.plan, [...ended, ...running])
  }

  /** Those that are held, as the store keeps them; without what a step said, which is kept once. */
  get held(): readonly HeldStep[] {
    return this.steps.flatMap(({ name, path, attempts, startedAt, waiting }) => {
      if (waiting === undefined || startedAt === undefined) return []
      return [{ name, path, attempts, startedAt, waiting: { ...waiting, lastError: withoutBody(waiting.lastError) } }]
    })
  }

  #running({ name, path, startedAt }: Begun): StepNow {
    const call = this.#calls.values().find(({ step }) => step?.path === path)
    const { count: attempts = 0, heldSince } = call?.attempts ?? {}
    const step = { name, path, attempts, startedAt, finishedAt: undefined }
    return heldSince === undefined
      ? { ...step, status: 'running' }
      : { ...step, status: 'held', waiting: forPlace(heldSince) }
  }
}

/** A call that finds no place in its destination waits for the step. */
const forPlace = (since: number): Waiting => ({ reason: 'step', since, until: undefined, lastError: undefined })

/** A step around others waits too while each of them that is under way does. */
function withHeldAround(steps: readonly StepNow[]): readonly StepNow[] {
  if (!steps.some(({ status }) => status === 'held')) return steps
  return steps.map(step => {
    if (step.status !== 'running') return step
    const inside = steps.filter(other => other.path.startsWith(`${step.path}/`))
    const open = inside.filter(other => isOpen(other) && !inside.some(inner => isOpen(inner) && isIn(inner, other)))
    const [first] = open
    return first !== undefined && open.every(({ status }) => status === 'held')
      ? { ...step, status: 'held', waiting: first.waiting }
      : step
  })
}

const isOpen = ({ status }: StepNow): boolean => status === 'running' || status === 'held'

const isIn = (inner: StepNow, outer: StepNow): boolean => inner.path.startsWith(`${outer.path}/`)

function withoutBody(error: Waiting['lastError']): Waiting['lastError'] {
  if (error === undefined) return undefined
  const { upstreamBody: _, ...rest } = error
  return rest
}
