import type { Gauges } from '../ledger/gauges.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Controlled } from './controlled.ts'
import type { Numbered } from './numbered.ts'
import type { Dependencies } from './dependencies.ts'
import type { KeptDefinitions } from './kept-definitions.ts'
import { transition, type LifecycleAction, type LifecycleEvent } from './lifecycle.ts'
import { observedEvent } from './observe.ts'
import type { Surroundings } from './surroundings.ts'
import type { Standing } from './served.ts'
import { takeOver } from './take-over.ts'

export interface PhasesDeps {
  readonly surroundings: Surroundings
  readonly dependencies: Dependencies
  /** Names this replica in the store. */
  readonly replica: string
  /** `undefined`: the store is not open. */
  readonly kept: () => Pick<KeptDefinitions, 'cuts'> | undefined
  readonly ledger: () => Pick<Gauges, 'pending'> | undefined
  /** A pipeline has gone for good. */
  readonly removed: (pipeline: string) => void
  readonly log: Logger
}

/** Requests that were cut end within this time, in milliseconds; the claims of a replica that died, a lease later. */
const cutMs = 5_000
const lostClaimsMs = 15_000

/** Lets pipelines go from phase to phase, by the table of `lifecycle.ts`. */
export class Phases {
  readonly #deps: PhasesDeps

  constructor(deps: PhasesDeps) {
    this.#deps = deps
  }

  /** As far as the pipeline can go now. `standing` was counted before this. */
  async advance(entry: Controlled, standing: Standing | undefined): Promise<void> {
    const { surroundings, dependencies } = this.#deps
    const { healthOf } = surroundings
    const wasDraining = entry.isDraining
    if (standing !== undefined) retire(entry, standing)
    this.#want(entry)
    this.#look(entry)
    takeOver(entry, healthOf)
    dependencies.update(entry)
    this.#look(entry)
    if (!entry.isDraining) return this.#fire(entry, observedEvent(entry, healthOf))
    if (entry.phase === 'Pausing' && !entry.runs) {
      const stands = entry.processes.every(({ key }) => healthOf(key) === undefined)
      return stands ? this.#fire(entry, 'stopped') : undefined
    }
    // Only a count that was taken behind the closed gate says what is still to come.
    if (wasDraining && standing !== undefined) await this.#drain(entry, standing)
    else if (entry.current === undefined) this.#fire(entry, 'drained')
  }

  /** The things that it lacks beside its processes. */
  #look(entry: Controlled): void {
    const { dependencies, surroundings } = this.#deps
    const { current, wanted, gate } = entry
    const next = wanted === current ? undefined : wanted
    const lackingOf = (generation: Numbered | undefined): string | undefined => {
      const missing = generation === undefined ? [] : surroundings.missingHeaders(generation.plan)
      return missing.length === 0 ? undefined : missing.join('; ')
    }
    entry.block(gate === 'open' && current !== undefined ? dependencies.blockOf(current) : undefined)
    entry.nextBlocked = next && dependencies.blockOf(next)
    entry.lacking = lackingOf(current)
    entry.nextLacking = lackingOf(next)
  }

  /** The phase that a person wants of it. */
  #want(entry: Controlled): void {
    if (entry.deleted) return this.#fire(entry, 'delete')
    if (entry.phase === 'Deleting') this.#fire(entry, 'restore')
    const { dependencies } = this.#deps
    entry.pausedWith = dependencies.pausedWith(entry)
    const wantsPause = entry.desiredPhase === 'Paused' || entry.pausedWith !== undefined
    entry.waitsForNeeders = wantsPause && entry.gate === 'open' && !dependencies.mayPause(entry)
    if (!entry.waitsForNeeders) this.#fire(entry, wantsPause ? 'pause' : 'resume')
  }

  async #drain(entry: Controlled, { inFlight: counts, cut }: Standing): Promise<void> {
    const inFlight = counts.reduce((sum, { count }) => sum + count, 0)
    const now = performance.now()
    const isLate = inFlight > 0 && now >= entry.lateAt && !entry.cut
    entry.cutCount = Math.max(entry.cutCount, cut)
    if (entry.phase === 'Pausing') await this.#tellCut(entry, isLate, inFlight)
    if (inFlight > 0) {
      if (isLate) this.#fire(entry, 'late')
      else if (entry.cut && now >= entry.lateAt + cutMs) this.#fire(entry, 'drained')
      return
    }
    const mayHaveClaims = entry.phase === 'Pausing' && now < entry.lateAt + lostClaimsMs
    if (mayHaveClaims && (await this.#hasClaims(entry.pipeline))) return
    this.#fire(entry, 'drained')
  }

  /**
   * Before anything is put back, the other replicas are told how much may be: they see that nothing is claimed any more
   * before this one can tell of it. Its outcome is told in the end.
   */
  async #tellCut(entry: Controlled, isLate: boolean, inFlight: number): Promise<void> {
    const isUnderWay = entry.cut && inFlight > 0
    const count = isLate ? entry.cutCount + inFlight : isUnderWay ? entry.toldCut : entry.cutCount
    if (count === entry.toldCut) return
    entry.toldCut = count
    const told = this.#deps.kept()?.cuts.tell(entry.pipeline, this.#deps.replica, count)
    // While the store is away it is tried again.
    await told?.catch(() => (entry.toldCut = -1))
  }

  /** Whether any replica runs a stored request of it. */
  async #hasClaims(pipeline: string): Promise<boolean> {
    const pending = await this.#deps
      .ledger()
      ?.pending(pipeline)
      .catch(() => undefined)
    return pending !== undefined && pending.claimed > 0
  }

  #fire(entry: Controlled, event: LifecycleEvent): void {
    const found = transition(entry.phase, event)
    if (found === undefined) return
    if (found.to !== entry.phase) {
      this.#deps.log.debug({ pipeline: entry.pipeline, from: entry.phase, to: found.to, event }, 'phase')
    }
    entry.phase = found.to
    for (const action of found.does) this.#act(entry, action)
  }

  #act(entry: Controlled, action: LifecycleAction): void {
    switch (action) {
      case 'close':
      case 'hide':
        entry.closeGate(action === 'close' ? 'paused' : 'gone')
        break
      case 'open':
        entry.openGate()
        this.#forgetCuts(entry)
        break
      case 'cut':
        entry.cut = true
        break
      case 'stop':
        entry.runs = false
        break
      case 'start':
        entry.runs = true
        break
      case 'remove':
        entry.runs = false
        this.#forgetCuts(entry)
        this.#deps.removed(entry.pipeline)
        break
    }
  }

  /** The next pause counts anew, also that of a later pipeline of this name. */
  #forgetCuts({ pipeline }: Controlled): void {
    const forgotten = this.#deps.kept()?.cuts.forget(pipeline)
    void forgotten?.catch(() => {})
  }
}

/** Generations of which nothing runs any more go. */
function retire(entry: Controlled, standing: Standing): void {
  if (entry.retiring.length === 0) {
    entry.rolls = false
    return
  }
  const open = new Set(standing.inFlight.flatMap(({ generation, count }) => (count > 0 ? [generation] : [])))
  entry.retiring = entry.retiring.filter(({ generation }) => open.has(generation))
  entry.rolls = entry.retiring.length > 0
}
