// The decisions of all rollouts share what is known of them.
// oxlint-disable max-lines
import { SluiceError } from '../../errors.ts'
import { addCounts, noAttempts, type AttemptCount, type EntryCounts } from '../../flow/traffic/attempt-counts.ts'
import type { EntryShare } from '../../flow/traffic/turns.ts'
import { createRequestId } from '../../event/request-id.ts'
import type { Documents } from '../../ledger/documents.ts'
import type { Plan } from '../../pipeline/plan.ts'
import type { Logger } from '../../telemetry/log.ts'
import { KeptRollouts, type KeptRollout } from './kept-rollouts.ts'
import { rolledSteps, type RolledStep } from './rolled-steps.ts'
import { rolloutStatus, type RolledState, type RolloutStatus } from './rollout-status.ts'
import {
  aborted,
  begun,
  judged,
  noCounts,
  promoted,
  restarted,
  type RolloutCounts,
  type RolloutState
} from './rollout-state.ts'

/** A person may want this of a rollout. */
export type RolloutCommand = 'promote' | 'abort' | 'restart'

export interface RolloutsDeps {
  /** The plans that serve now. */
  readonly plans: () => readonly Plan[]
  /** The documents of the store; opens it, if it is not open yet. Throws STORE_UNAVAILABLE. */
  readonly openDocuments: () => Promise<Documents>
  /** All attempts of a step in this gateway so far. */
  readonly attemptsOf: (step: string) => EntryCounts
  /** Names this replica in the store. */
  readonly replica: string
  /** A share has changed, here or by another replica. */
  readonly onChanged: () => void
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>
}

/** How often rollouts are looked at, in milliseconds. */
const everyMs = 250
/** How often, where all are over: only a person has them go on, maybe at another replica. */
const overMs = 2_000

/** The knowledge that this replica has of a share: the attempts that were there when it came upon it. */
interface Share {
  readonly id: string
  readonly before: RolloutCounts
  /** The attempts that it has told. */
  told: number
}

/**
 * Raises the shares of entries by itself, as the attempts of all replicas of the store allow: each tells its own, and any
 * of them takes the next step, which only one can.
 */
export class Rollouts implements AsyncDisposable {
  readonly #deps: RolloutsDeps
  #kept: ReadonlyMap<string, KeptRollout> = new Map()
  readonly #shares = new Map<string, Share>()
  readonly #timer: NodeJS.Timeout
  #work: Promise<void> = Promise.resolve()
  #busy = false
  #lookedAt = -Infinity

  constructor(deps: RolloutsDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => {
      if (this.#busy || !this.#isDue()) return
      this.#busy = true
      this.#lookedAt = performance.now()
      void this.#run(() => this.#advance())
        .catch((thrown: unknown) =>
          deps.log.debug({ err: thrown }, 'rollouts could not be looked at; they stay as they are')
        )
        .finally(() => (this.#busy = false))
    }, everyMs)
  }

  /** The shares of the entries of a step as they are now; the others share what is left as they would all of it. */
  readonly sharesOf = (step: string, entries: readonly EntryShare[]): readonly EntryShare[] => {
    const of = entries.find(({ rolled }) => rolled !== undefined)?.rolled
    if (of === undefined) return entries
    const state = this.#kept.get(step)?.state
    const percent = state?.of === of ? state.percent : 0
    return entries.map(({ name, percent: own, rolled }) => ({
      name,
      percent: rolled === undefined ? (own * (100 - percent)) / 100 : percent
    }))
  }

  /** How far the rollout of a step is; `undefined`: that is not known yet. */
  stateOf({ key, rollout }: RolledStep): RolloutState | undefined {
    const state = this.#kept.get(key)?.state
    return state?.of === rollout.of ? state : undefined
  }

  /** The rollouts of a plan. */
  readonly statesOf = (plan: Plan): readonly RolledState[] =>
    rolledSteps(plan).map(rolled => ({ rolled, state: this.stateOf(rolled) }))

  /** The rollout of a step, by its name or its path, after the command. Throws NOT_FOUND and CONFLICT. */
  command(pipeline: string, named: string, command: RolloutCommand): Promise<RolloutStatus> {
    return this.#run(async () => {
      const rolled = this.#rolled().find(
        each => each.pipeline === pipeline && (each.step.path === named || each.step.name === named)
      )
      if (rolled === undefined) throw new SluiceError('NOT_FOUND', `${pipeline} has no step "${named}" with a rollout`)
      const kept = new KeptRollouts(await this.#deps.openDocuments())
      for (;;) {
        this.#kept = await kept.read()
        const before = this.#kept.get(rolled.key)
        const state = commanded(command, this.stateOf(rolled), rolled)
        if (!(await kept.write(rolled.key, before, state))) continue
        this.#kept = await kept.read()
        this.#tell(rolled, state)
        this.#deps.onChanged()
        return rolloutStatus(rolled.rollout.tag, state)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#work
  }

  #rolled(): readonly RolledStep[] {
    return this.#deps.plans().flatMap(rolledSteps)
  }

  #isDue(): boolean {
    const rolled = this.#rolled()
    if (rolled.length === 0) return false
    const isOver = rolled.every(each => (this.stateOf(each)?.phase ?? 'Progressing') !== 'Progressing')
    return !isOver || performance.now() - this.#lookedAt >= overMs
  }

  #run<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#work.then(act)
    this.#work = done.then(
      () => {},
      () => {}
    )
    return done
  }

  async #advance(): Promise<void> {
    const documents = new KeptRollouts(await this.#deps.openDocuments())
    const before = this.#kept
    this.#kept = await documents.read()
    const rolled = this.#rolled()
    if (rolled.some(({ key }) => before.get(key)?.state.id !== this.#kept.get(key)?.state.id)) this.#deps.onChanged()
    await this.#tellCounts(rolled, documents)
    const counts = await documents.readCounts(this.#kept)
    let stepped = false
    for (const each of rolled) if (await this.#step(each, counts, documents)) stepped = true
    if (!stepped) return
    this.#kept = await documents.read()
    this.#deps.onChanged()
  }

  /** Answers whether this replica has taken a step. */
  async #step(
    rolled: RolledStep,
    counts: ReadonlyMap<string, RolloutCounts>,
    documents: KeptRollouts
  ): Promise<boolean> {
    const { rollout, key } = rolled
    const [now, id] = [Date.now(), createRequestId()]
    const state = this.stateOf(rolled)
    const next =
      state === undefined ? begun(rollout, now, id) : judged(state, rollout, counts.get(state.id) ?? noCounts, now, id)
    if (next === undefined || !(await documents.write(key, this.#kept.get(key), next))) return false
    this.#tell(rolled, next)
    return true
  }

  #tell({ pipeline, step, rollout: { tag } }: RolledStep, { phase, percent, history }: RolloutState): void {
    const why = history.at(-1)?.why
    const fields = { pipeline, step: step.path, tag, phase, percent, reason: why }
    if (phase === 'Aborted') this.#deps.log.warn(fields, 'a rollout was aborted')
    else this.#deps.log.info(fields, 'a rollout goes on')
  }

  /** Tells the other replicas of the attempts that this one has made since each share was given. */
  async #tellCounts(rolled: readonly RolledStep[], documents: KeptRollouts): Promise<void> {
    for (const each of rolled) {
      const state = this.stateOf(each)
      if (state?.phase !== 'Progressing') continue
      const all = countsOf(this.#deps.attemptsOf(each.key), each.rollout.tag)
      let share = this.#shares.get(each.key)
      if (share?.id !== state.id) this.#shares.set(each.key, (share = { id: state.id, before: all, told: 0 }))
      const counts = { tag: without(all.tag, share.before.tag), others: without(all.others, share.before.others) }
      const made = counts.tag.calls + counts.others.calls
      if (made === share.told) continue
      await documents.writeCounts(each.key, this.#deps.replica, state.id, counts)
      share.told = made
    }
  }
}

function commanded(command: RolloutCommand, state: RolloutState | undefined, { rollout }: RolledStep): RolloutState {
  const [now, id] = [Date.now(), createRequestId()]
  const known = state ?? begun(rollout, now, id)
  switch (command) {
    case 'promote':
      if (known.phase === 'Completed') throw new SluiceError('CONFLICT', 'the rollout is complete already')
      return promoted(known, rollout, 'it was promoted by hand', now, id)
    case 'abort':
      return aborted(known, 'it was aborted by hand', now, id)
    case 'restart':
      return restarted(known, rollout, 'it was begun anew by hand', now, id)
  }
}

function countsOf(entries: EntryCounts, tag: string): RolloutCounts {
  let others = noAttempts
  for (const [name, count] of entries) if (name !== tag) others = addCounts(others, count)
  return { tag: entries.get(tag) ?? noAttempts, others }
}

/** The attempts that came after `before`. */
function without(all: AttemptCount, before: AttemptCount): AttemptCount {
  const durations = new Map<number, number>()
  for (const [exponent, count] of all.durations) {
    const left = count - (before.durations.get(exponent) ?? 0)
    if (left > 0) durations.set(exponent, left)
  }
  return { calls: all.calls - before.calls, failed: all.failed - before.failed, durations }
}
