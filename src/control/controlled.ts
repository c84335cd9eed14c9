import type { Gate } from '../flow/admission.ts'
import { defaults } from '../pipeline/defaults.ts'
import { isNestedName } from '../pipeline/unresolved.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'
import type { Condition } from './conditions.ts'
import { lifecycleIn, type Half, type Halves } from './half.ts'
import type { Joined } from './joined.ts'
import type { Lifecycle } from './kept-definitions.ts'
import type { Phase } from './lifecycle.ts'
import type { Numbered } from './numbered.ts'
import type { NeededProcess } from './needed-processes.ts'
import { processesOf } from './processes-of.ts'
import type { Served } from './served.ts'

/** The state of one pipeline, as the reconciler knows it. */
export class Controlled {
  /** `namespace/name`. */
  readonly pipeline: string
  /** The definitions that it has, by their kinds; those that it had last where it is deleted. */
  halves: Halves
  /** Those that it has no more, as they were. */
  readonly formerHalves = new Map<DefinitionKind, Half>()
  /** The pipeline that they make together. */
  joined: Joined
  /** The good definition that was looked at last. */
  wanted: Numbered | undefined
  /** The one that serves; another one than the wanted one while that is not ready. */
  current: Numbered | undefined
  /** Those before it of which something may be in flight. */
  retiring: readonly Numbered[] = []
  /** Something of those was in flight when that was counted last. */
  rolls = false
  /** Nobody brings it any more. */
  deleted = false
  phase: Phase = 'Pending'
  gate: Gate = 'open'
  /** Milliseconds since the epoch. */
  gateSince = Date.now()
  cut = false
  /** Why it cannot serve although nothing of its own is missing; `undefined`: it can. */
  blocked: string | undefined
  /** Milliseconds since the epoch. */
  blockedSince = Date.now()
  /** The same of the generation that is to serve next, while another one does. */
  nextBlocked: string | undefined
  /** The headers that have no value, of the generation that serves and of the one that is to. */
  lacking: string | undefined
  nextLacking: string | undefined
  /** The pipeline with which it is paused, beside its own desired phase; `undefined`: with none. */
  pausedWith: string | undefined
  /** It is to be paused, but others that need it come first. */
  waitsForNeeders = false
  /** Whether its local processes are to run. */
  runs = true
  /** When the grace period of a pause or a deletion is over, on the clock of `performance.now()`. */
  lateAt = Infinity
  /** Requests that were ended or put back on this replica since the pause began. */
  cutCount = 0
  /** The number of them that the other replicas were told. */
  toldCut = 0
  /** Why it could not be numbered; `undefined`: it was. */
  storeFault: string | undefined
  /** Why it could not be compiled; `undefined`: it was. */
  compileFault: string | undefined
  conditions: readonly Condition[] = []
  /** The state that watchers were told last. */
  told = ''

  constructor(pipeline: string, halves: Halves, joined: Joined) {
    this.pipeline = pipeline
    this.halves = halves
    this.joined = joined
  }

  /** The definitions that are there now. */
  take(halves: Halves, joined: Joined): void {
    for (const [kind, half] of this.halves) if (!halves.has(kind)) this.formerHalves.set(kind, half)
    this.halves = halves
    this.joined = joined
    this.deleted = false
  }

  /** The half whose lifecycle counts: a ServingPipeline goes before a Pipeline, and a good one before a faulty one. */
  get lead(): Half | undefined {
    const [serving, sourced] = [this.halves.get('ServingPipeline'), this.halves.get('Pipeline')]
    return serving?.claim.definition === undefined ? (sourced ?? serving) : serving
  }

  get lifecycle(): Lifecycle {
    const { lead } = this
    return lead === undefined ? {} : lifecycleIn(lead)
  }

  get desiredPhase(): 'Running' | 'Paused' {
    return this.lifecycle.desiredPhase ?? 'Running'
  }

  get graceMs(): number {
    return (this.lifecycle.pauseGracePeriodSeconds ?? defaults.pauseGracePeriodSeconds) * 1000
  }

  /** Those that something may run of. */
  get generations(): readonly Numbered[] {
    return [this.current, this.wanted, ...this.retiring].filter(each => each !== undefined)
  }

  /** The local processes of these; one may be in it twice. */
  get processes(): readonly ProcessSpec[] {
    return this.generations.flatMap(({ plan }) => processesOf(plan))
  }

  /** The same, as whoever runs them is told. */
  get needed(): readonly NeededProcess[] {
    return this.generations.flatMap(each =>
      processesOf(each.plan).map(spec => ({ spec, proves: each !== this.current }))
    )
  }

  /** `undefined`: nothing serves. */
  get served(): Served | undefined {
    const { current, gate, cut, blocked } = this
    if (current === undefined || this.phase === 'Gone') return undefined
    return { plan: current.plan, generation: current.generation, gate, cut, blocked }
  }

  /** It has others in it, or would if these were there. */
  get nests(): boolean {
    const { plan } = this.wanted ?? {}
    return plan !== undefined && (plan.definition.nested !== undefined || plan.unresolved.length > 0)
  }

  /** It has refs, whose addresses may change. */
  get refers(): boolean {
    const { addresses, unresolved } = this.wanted?.plan ?? {}
    return (addresses?.size ?? 0) > 0 || unresolved?.some(name => !isNestedName(name)) === true
  }

  /** It has headers, whose values may go and come. */
  get sends(): boolean {
    return [this.wanted, this.current].some(generation => (generation?.plan.headers.length ?? 0) > 0)
  }

  /** All of its state that others look at which need it, or which it needs. */
  get situation(): string {
    return `${this.phase} ${this.deleted} ${this.desiredPhase} ${this.pausedWith} ${this.waitsForNeeders}`
  }

  get isDraining(): boolean {
    return this.phase === 'Pausing' || this.phase === 'Deleting'
  }

  /** It waits for something that nobody tells of. */
  get isUnsettled(): boolean {
    const isUnderWay = this.isDraining || this.waitsForNeeders || this.retiring.length > 0
    const lacks = this.lacking !== undefined || this.nextLacking !== undefined
    return this.deleted || lacks || isUnderWay
  }

  /** Nothing more is let in, and what is in flight has its grace period from now. */
  closeGate(gate: Exclude<Gate, 'open'>): void {
    this.gate = gate
    this.gateSince = Date.now()
    this.cut = false
    this.cutCount = 0
    this.toldCut = 0
    this.lateAt = performance.now() + this.graceMs
  }

  block(reason: string | undefined): void {
    if ((reason === undefined) !== (this.blocked === undefined)) this.blockedSince = Date.now()
    this.blocked = reason
  }

  openGate(): void {
    this.gate = 'open'
    this.cut = false
    this.lateAt = Infinity
  }
}
