import { SluiceError } from '../../errors.ts'
import { isStepOf, type EntryShare } from '../../flow/traffic/turns.ts'
import { createRequestId } from '../../event/request-id.ts'
import type { Documents } from '../../ledger/documents.ts'
import type { Plan } from '../../pipeline/plan.ts'
import type { Logger } from '../../telemetry/log.ts'
import { KeptRollouts, type KeptRollout } from './kept-rollouts.ts'
import { isAwaitedEntry, rolledSteps, type RolledStep } from './rolled-steps.ts'
import { commanded, type RolloutCommand } from './rollout-command.ts'
import { rolloutStatus, type RolledState, type RolloutStatus } from './rollout-status.ts'
import { begun, judged, noCounts, sharesAt, type RolloutCounts, type RolloutState } from './rollout-state.ts'
import { Sweeps } from './sweeps.ts'
import { ToldCounts, type ToldCountsDeps } from './told-counts.ts'

export interface RolloutsDeps extends ToldCountsDeps {
  /** The plans that serve now. */
  readonly plans: () => readonly Plan[]
  /** The documents of the store; opens it, if it is not open yet. Throws STORE_UNAVAILABLE. */
  readonly openDocuments: () => Promise<Documents>
  /** Those of a store that is open; `undefined`: it is not. */
  readonly documents: () => Documents | undefined
  /** A share has changed, here or by another replica. */
  readonly onChanged: () => void
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>
}

/** How often rollouts are looked at, in milliseconds. */
const everyMs = 250
/** How often, where all are over: only a person has them go on, maybe at another replica. */
const overMs = 2_000

/**
 * Raises the shares of entries by itself, as the attempts of all replicas of the store allow: each tells its own, and any
 * of them takes the next step, which only one can.
 */
export class Rollouts implements AsyncDisposable {
  readonly #deps: RolloutsDeps
  #kept: ReadonlyMap<string, KeptRollout> = new Map()
  readonly #told: ToldCounts
  readonly #sweeps = new Sweeps()
  /** The destination of each step that this gateway has begun to roll out, or found in the store. */
  readonly #taken = new Map<string, string>()
  readonly #timer: NodeJS.Timeout
  #work: Promise<void> = Promise.resolve()
  #busy = false
  #lookedAt = -Infinity

  constructor(deps: RolloutsDeps) {
    this.#deps = deps
    this.#told = new ToldCounts(deps)
    this.#timer = setInterval(() => {
      if (this.#busy) return
      this.#busy = true
      void this.#run(() => this.#look())
        .catch((thrown: unknown) =>
          deps.log.debug({ err: thrown }, 'rollouts could not be looked at; they stay as they are')
        )
        .finally(() => (this.#busy = false))
    }, everyMs)
  }

  /** The shares of the entries of a step as they are now. */
  readonly sharesOf = (step: string, entries: readonly EntryShare[]): readonly EntryShare[] =>
    sharesAt(this.#kept.get(step), entries)

  /** How far the rollout of a step is; `undefined`: that is not known yet. */
  stateOf({ key, rollout }: RolledStep): RolloutState | undefined {
    const state = this.#kept.get(key)
    return state?.of === rollout.of ? state : undefined
  }

  /** The rollouts of a plan. */
  readonly statesOf = (plan: Plan): readonly RolledState[] =>
    rolledSteps(plan).map(rolled => ({ rolled, state: this.stateOf(rolled), isOthers: this.#isOthers(rolled) }))

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
        const state = commanded(command, this.stateOf(rolled), rolled.rollout)
        if (!(await this.#write(rolled, state, kept))) continue
        this.#kept = await kept.read()
        this.#deps.onChanged()
        return rolloutStatus(rolled.rollout.tag, state)
      }
    })
  }

  /** The pipeline is gone; one of its name that comes takes up its definition anew. */
  forget(pipeline: string): void {
    void this.#run(async () => {
      this.#told.forget(pipeline)
      for (const step of this.#taken.keys()) if (isStepOf(pipeline, step)) this.#taken.delete(step)
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

  async #look(): Promise<void> {
    if (this.#isDue()) {
      this.#lookedAt = performance.now()
      await this.#advance()
    }
    const documents = this.#deps.documents()
    if (documents !== undefined) await this.#sweeps.sweep(new KeptRollouts(documents), this.#rolled())
  }

  async #advance(): Promise<void> {
    const kept = new KeptRollouts(await this.#deps.openDocuments())
    const before = this.#kept
    this.#kept = await kept.read()
    const rolled = this.#rolled()
    if (rolled.some(({ key }) => before.get(key)?.id !== this.#kept.get(key)?.id)) this.#deps.onChanged()
    for (const each of rolled) {
      const state = this.stateOf(each)
      if (state !== undefined) this.#taken.set(each.key, state.of)
      if (state?.phase === 'Progressing') await this.#told.tell(each, state.id, kept)
    }
    const counts = await kept.readCounts(this.#kept)
    let stepped = false
    for (const each of rolled) if (await this.#step(each, counts, kept)) stepped = true
    if (!stepped) return
    this.#kept = await kept.read()
    this.#deps.onChanged()
  }

  /** Answers whether this replica has taken a step. */
  async #step(
    rolled: RolledStep,
    counts: ReadonlyMap<string, RolloutCounts>,
    documents: KeptRollouts
  ): Promise<boolean> {
    const { rollout } = rolled
    const [now, id] = [Date.now(), createRequestId()]
    const state = this.stateOf(rolled)
    if (isAwaitedEntry(rolled) || (state === undefined && this.#isOthers(rolled))) return false
    const next =
      state === undefined ? begun(rollout, now, id) : judged(state, rollout, counts.get(state.id) ?? noCounts, now, id)
    return next !== undefined && this.#write(rolled, next, documents)
  }

  /** A gateway that took up its definition later rolls out another destination: this one does not take that back. */
  #isOthers({ key, rollout }: RolledStep): boolean {
    const kept = this.#kept.get(key)
    return kept !== undefined && kept.of !== rollout.of && this.#taken.get(key) === rollout.of
  }

  /** False: somebody else was quicker. */
  async #write(rolled: RolledStep, state: RolloutState, kept: KeptRollouts): Promise<boolean> {
    const { key, pipeline, step, rollout } = rolled
    if (!(await kept.write(key, this.#kept.get(key), state))) return false
    this.#taken.set(key, rollout.of)
    const { phase, percent, history } = state
    const fields = { pipeline, step: step.path, tag: rollout.tag, phase, percent, reason: history.at(-1)?.why }
    if (phase === 'Aborted') this.#deps.log.warn(fields, 'a rollout was aborted')
    else this.#deps.log.info(fields, 'a rollout goes on')
    return true
  }
}
