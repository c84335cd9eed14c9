import { shouldHold } from '../delivery/should-hold.ts'
import type { CloudEvent } from '../event/event.ts'
import type { ParallelStep } from '../pipeline/node.ts'
import type { Branch } from './branch.ts'
import type { BranchResult, BranchOutcome } from './branch-outcome.ts'
import { branchMarks } from './branch-marks.ts'
import { EndSwitch } from './end-switch.ts'
import { marksInside, type Marks } from './mark.ts'
import type { Request } from './request.ts'
import { StreamingBranch } from './streaming-branch.ts'
import type { Surroundings } from './surroundings.ts'
import { verdictOf, type Verdict } from './verdict.ts'

/** The verdict on a parallel step, with what each branch came to. */
export type ParallelResult =
  | { readonly kind: 'decided'; readonly verdict: Exclude<Verdict, { kind: 'open' }>; readonly ended: EndedBranches }
  /** Nothing of it runs, and it cannot be decided without the branches that are held. */
  | { readonly kind: 'held'; readonly ended: EndedBranches }
  /** Nobody waits any more. */
  | { readonly kind: 'cancelled'; readonly ended: EndedBranches }

export interface EndedBranches {
  /** In the order of the branches; undefined for those that were aborted. */
  readonly outcomes: readonly (BranchOutcome | undefined)[]
  /** The places of those that ended, in the order in which they did. */
  readonly inTime: readonly number[]
  /** Where the branches stand, so that whoever goes on calls no finished one again. */
  readonly marks: Marks
}

/**
 * The branches of one parallel step for one request, all at the same time. As soon as it is decided, those that still
 * run are aborted; it is over when all have ended.
 */
export class ParallelRun {
  readonly #step: ParallelStep
  readonly #branches: readonly Branch[]
  readonly #event: CloudEvent
  readonly #request: Request
  readonly #around: Surroundings
  readonly #ending = new EndSwitch()
  readonly #streaming: StreamingBranch
  readonly #outcomes: (BranchOutcome | undefined)[]
  readonly #inTime: number[]
  readonly #stood: Marks[]
  #verdict: Verdict = { kind: 'open' }
  #cancelled = false

  constructor(
    step: ParallelStep,
    branches: readonly Branch[],
    event: CloudEvent,
    request: Request,
    around: Surroundings
  ) {
    this.#step = step
    this.#branches = branches
    this.#event = event
    this.#request = request
    this.#around = around
    // A join makes a reply of its own.
    const stream = step.join === 'merge' || step.join === 'array' ? undefined : request.stream
    this.#streaming = new StreamingBranch(stream, this.#ending, i => this.#wouldChoose(i))
    const ends = branches.map(branch => branch.ended(around.marks))
    this.#outcomes = ends.map(end => end?.outcome)
    this.#inTime = ends
      .flatMap((end, i) => (end === undefined ? [] : [{ i, at: end.at }]))
      .sort((a, b) => a.at - b.at)
      .map(({ i }) => i)
    this.#stood = branches.map(({ path }) => marksInside(around.marks, path))
  }

  async run(): Promise<ParallelResult> {
    const { signal } = this.#request
    const abort = (): void => {
      this.#ending.abort()
      this.#streaming.abort()
    }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    try {
      this.#judge()
      await Promise.all(this.#branches.map((branch, i) => this.#runBranch(branch, i)))
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return this.#result()
  }

  async #runBranch(branch: Branch, i: number): Promise<void> {
    if (this.#outcomes[i] !== undefined || this.#ending.aborted) return
    const share = this.#request.share.fork()
    const request: Request = { ...this.#request, ...this.#streaming.own(i), share }
    try {
      const result = await branch.run(this.#event, request, this.#around)
      if (result.kind === 'cancelled') {
        this.#stood[i] = result.marks
        // Nobody has decided: the request itself is over.
        if (this.#isOpenFor(i)) this.#cancel()
        return
      }
      await this.#ended(i, branch, this.#outcomeOf(result))
    } finally {
      share.release()
    }
  }

  #outcomeOf(result: Exclude<BranchResult, { kind: 'cancelled' }>): BranchOutcome {
    const isPutBack = result.kind === 'failed' && this.#request.journal !== undefined && shouldHold(result.error)
    return isPutBack ? { ...result, kind: 'held' } : result
  }

  /** A decided outcome is written down with the next step's; the rest now. */
  async #ended(i: number, { path }: Branch, outcome: BranchOutcome): Promise<void> {
    if (!this.#isOpenFor(i) || this.#cancelled) {
      if ('marks' in outcome) this.#stood[i] = outcome.marks
      return
    }
    this.#outcomes[i] = outcome
    this.#inTime.push(i)
    this.#stood[i] = branchMarks(path, outcome, Date.now())
    this.#judge()
    const { journal } = this.#request
    if (this.#verdict.kind !== 'open' || journal === undefined || outcome.kind === 'held') return
    for (const [inner, mark] of this.#stood[i] ?? []) {
      if (await journal.checkpoint(inner, mark)) continue
      this.#cancel()
      return
    }
  }

  /** Whether the step gives what the branch gives, if that replies now. */
  #wouldChoose(i: number): boolean {
    if (this.#verdict.kind !== 'open' || this.#cancelled) return false
    const verdict = verdictOf(this.#step, this.#outcomes.with(i, replies), [...this.#inTime, i])
    return verdict.kind === 'chosen' && verdict.branch === i
  }

  /** Whether it matters what becomes of the branch. */
  #isOpenFor(i: number): boolean {
    return this.#verdict.kind === 'open' && (this.#streaming.branch ?? i) === i
  }

  #judge(): void {
    const last = this.#inTime.at(-1)
    const broke = this.#streaming.branch !== undefined && last !== undefined && this.#outcomes[last]?.kind === 'failed'
    this.#verdict = broke ? { kind: 'failed', branch: last } : verdictOf(this.#step, this.#outcomes, this.#inTime)
    if (this.#verdict.kind !== 'open') this.#ending.abort()
  }

  #cancel(): void {
    this.#cancelled = true
    this.#ending.abort()
  }

  #result(): ParallelResult {
    const marks = new Map(this.#stood.flatMap(stood => [...stood]))
    const ended = { outcomes: this.#outcomes, inTime: this.#inTime, marks }
    if (this.#cancelled || this.#request.signal.aborted) return { kind: 'cancelled', ended }
    return this.#verdict.kind === 'open' ? { kind: 'held', ended } : { kind: 'decided', verdict: this.#verdict, ended }
  }
}

/** The outcome of a branch that has begun to reply. */
const replies: BranchOutcome = { kind: 'replied', event: { attributes: new Map(), data: undefined } }
