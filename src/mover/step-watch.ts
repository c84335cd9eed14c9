import type { RunningCall, StepPlace, Visit } from '../flow/request.ts'
import type { StepNow } from '../ledger/record/step-now.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import { isInside } from '../pipeline/paths.ts'
import type { Plan } from '../pipeline/plan.ts'
import { stepRecord } from './visits.ts'
import { heldForPlace, withHeldAround } from './held-for-place.ts'
import { stepsInOrder } from './steps-in-order.ts'

interface Begun extends StepPlace {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** The steps of one run of a request, from when they begin. */
export class StepWatch {
  readonly #begun: Begun[] = []
  #held: Map<string, Waiting> | undefined
  readonly #visits: readonly Visit[]
  readonly #calls: Set<RunningCall>
  /** By the paths of sequences: how many visits there were when the store got those in there. */
  readonly #written = new Map<string, number>()
  /** Attempts of the calls that are over. */
  #attemptsBefore = 0
  #toldChanges = 0
  /** The plan that runs; `undefined`: it has not begun. */
  plan: Plan | undefined

  /** `visits` grows as steps end; `calls` has those that are under way, and gets them here. */
  constructor(visits: readonly Visit[], calls: Set<RunningCall>) {
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

  /** A call is under way until this is disposed of. */
  calling(call: RunningCall): Disposable {
    return new ShownCall(this.#calls, call, attempts => (this.#attemptsBefore += attempts))
  }

  /** The store has the visits so far of what is in the sequence. */
  written(path: string, visits: number): void {
    this.#written.set(path, visits)
  }

  /** All that have begun in this run, in the order of the definition. */
  get steps(): readonly StepNow[] {
    return this.#ordered([...this.#visits.map(visit => this.#ended(visit)), ...this.#running()])
  }

  /** Those that the store does not know of. */
  get untold(): readonly StepNow[] {
    const unwritten = this.#visits.filter((visit, i) => !this.#isWritten(visit, i))
    return this.#ordered([...unwritten.map(visit => this.#ended(visit)), ...this.#running()])
  }

  /**
   * Those that others are to be told of; `undefined`: what runs has begun after `before`, as nearly everything has, or
   * nothing has changed since they were told.
   */
  news(before: number): readonly StepNow[] | undefined {
    const changes = this.#changes
    if (changes === this.#toldChanges || !this.#running().some(({ startedAt }) => startedAt <= before)) return undefined
    this.#toldChanges = changes
    return this.untold
  }

  /** The news could not be told. */
  newsAreLost(): void {
    this.#toldChanges = 0
  }

  get #changes(): number {
    let changes = this.#begun.length + this.#visits.length + this.#attemptsBefore
    for (const { attempts } of this.#calls) changes += attempts.count + (attempts.heldSince === undefined ? 0 : 0.5)
    return changes
  }

  #isWritten({ path }: Visit, i: number): boolean {
    return this.#written.entries().some(([sequence, visits]) => i < visits && isInside(path, sequence))
  }

  #ordered(steps: readonly StepNow[]): readonly StepNow[] {
    return this.plan === undefined ? [] : withHeldAround(stepsInOrder(this.plan, steps))
  }

  #ended(visit: Visit): StepNow {
    const waiting = visit.outcome === 'held' ? this.#held?.get(visit.path) : undefined
    return waiting === undefined ? stepRecord(visit) : { ...stepRecord(visit), finishedAt: undefined, waiting }
  }

  #running(): readonly (StepNow & Begun)[] {
    const visited = new Set(this.#visits.map(({ path }) => path))
    return this.#begun.flatMap(({ name, path, startedAt }) => {
      if (visited.has(path)) return []
      const { count = 0, heldSince } = this.#calls.values().find(({ step }) => step?.path === path)?.attempts ?? {}
      const step = { name, path, attempts: count, startedAt, finishedAt: undefined }
      return [heldSince === undefined ? { ...step, status: 'running' } : { ...step, ...heldForPlace(heldSince) }]
    })
  }
}

/** A call, to be seen among those of its request until this is disposed of. */
class ShownCall implements Disposable {
  readonly #calls: Set<RunningCall>
  readonly #call: RunningCall
  readonly #onOver: (attempts: number) => void

  constructor(calls: Set<RunningCall>, call: RunningCall, onOver: (attempts: number) => void) {
    this.#calls = calls
    this.#call = call
    this.#onOver = onOver
    calls.add(call)
  }

  [Symbol.dispose](): void {
    this.#calls.delete(this.#call)
    this.#onOver(this.#call.attempts.count)
  }
}
