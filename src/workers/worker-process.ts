import { messageOf } from '../errors.ts'
import type { Waiting } from '../ledger/record/waiting.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import cluster, { type Worker as Child } from 'node:cluster'
import type { Processes } from '../delivery/processes.ts'
import type { StepCounts } from '../flow/traffic/attempt-counts.ts'
import type { Turns } from '../flow/traffic/turns.ts'
import type { Durability } from '../ledger/durability.ts'
import type { HostMessage } from '../ledger/sqlite/hosting/guest-message.ts'
import type { StoreGuest } from '../ledger/sqlite/hosting/store-guest.ts'
import type { LookUp } from '../control/look-up.ts'
import type { StoreHost } from '../ledger/sqlite/hosting/store-host.ts'
import type { LineOutput } from '../telemetry/line-output.ts'
import type { Standing } from '../control/served.ts'
import { exitOf } from './exit-of.ts'
import type { Cancelled, Question, StoreOpening, ToPrimary, ToWorker, WorkerFailure, WorkerStart } from './message.ts'
import { PassedOnOutput } from './pass-on-output.ts'
import type { PermitLender, PermitsOfWorker } from './permit-lender.ts'
import { PlacesOfWorker } from './places-of-worker.ts'
import { Questions } from './questions.ts'
import type { LookUpQuestion } from './remote-look-ups.ts'
import type { TurnQuestion } from './remote-turns.ts'
import { noReport, type WorkerReport } from './worker-report.ts'

export interface WorkerProcessDeps {
  /** The message that it gets when it is there. */
  readonly start: () => WorkerStart
  /** Opens the store of this process, and numbers definitions in it. */
  readonly openStore: () => Promise<OpenedStore>
  readonly onHeld: (pipeline: string, ms: number, waiting: Waiting) => void
  /** Told of the processes that the former generations in a worker need, whenever these change. */
  readonly onProcesses: (worker: object, specs: readonly ProcessSpec[]) => void
  readonly onCancelled: (message: Cancelled) => void
  /** Whose turn it is in traffic, for all workers together. */
  readonly turns: Turns
  /** Knows what definitions need. */
  readonly lookUp: LookUp
  /** Told of attempts of entries of traffic. */
  readonly onAttempts: (counts: StepCounts) => void
  /** The local processes of steps, which workers call. */
  readonly processes: Processes
  /** Lends permits to call destinations. */
  readonly permits: PermitLender
  /** Where what it writes goes. */
  readonly output: LineOutput
  /** From the wish that it ends to its KILL, in milliseconds. */
  readonly stopGraceMs: number
}

/** The store as a worker may use it. */
export interface OpenedStore {
  readonly durability: Durability
  /** How it reaches the store of this process; `undefined`: it connects by itself. */
  readonly host: StoreHost | undefined
}

/** How long a report is waited for, in milliseconds: a worker that hangs must not make the admin plane hang. */
const reportMs = 1_000

/** How long an answer is waited for: what it was told it does all the same, later. */
const late = { ms: 2_000, answer: [] } as const

/** One worker process from its start to its end, as the primary sees it. Its claims are given back then. */
export class WorkerProcess {
  /** Resolves with the URL of its data plane; rejects with why it could not start. */
  readonly serving: Promise<string>
  /** Resolves with why it ended, when all that it left behind is seen to. */
  readonly ended: Promise<string>
  readonly #deps: WorkerProcessDeps
  readonly #child: Child
  readonly #output: PassedOnOutput
  readonly #started = Promise.withResolvers<string>()
  readonly #places: PlacesOfWorker
  readonly #permits: PermitsOfWorker
  #guest: StoreGuest | undefined
  readonly #questions = new Questions<readonly Standing[]>()
  #gone = false
  #failure: WorkerFailure | undefined
  #asked: PromiseWithResolvers<void> | undefined
  #report: WorkerReport = noReport

  constructor(deps: WorkerProcessDeps) {
    this.#deps = deps
    this.#child = cluster.fork()
    this.#places = new PlacesOfWorker(deps.processes, answers => this.tell({ kind: 'places', answers }))
    this.#permits = deps.permits.connect(answers => this.tell({ kind: 'permits', answers }))
    const { stdout, stderr } = this.#child.process
    this.#output = new PassedOnOutput(
      [stdout, stderr].filter(stream => stream !== null && stream !== undefined),
      deps.output
    )
    this.#child.on('message', (message: ToPrimary) => this.#receive(message))
    this.serving = this.#started.promise
    // It is looked at by whoever cares for the first start only.
    this.serving.catch(() => {})
    this.ended = this.#end()
  }

  get pid(): number | undefined {
    return this.#child.process.pid
  }

  tell(message: ToWorker): void {
    // A message that cannot reach a process that ends need not.
    this.#child.process.send(message, undefined, undefined, () => {})
  }

  /** Its report now, or the last one if it does not answer in time; the counts of one that is gone. */
  async report(): Promise<WorkerReport> {
    if (this.#asked === undefined && !this.#gone) {
      this.#asked = Promise.withResolvers()
      this.tell({ kind: 'report' })
      const late = setTimeout(() => this.#answered(), reportMs)
      void this.#asked.promise.then(() => clearTimeout(late))
    }
    await this.#asked?.promise
    return this.#report
  }

  /** Its answer when it has done so; nothing, if it is gone or takes too long. */
  async ask(question: Question): Promise<readonly Standing[]> {
    if (this.#gone) return []
    return this.#questions.ask(no => this.tell({ kind: 'ask', no, question }), late)
  }

  /** Has it drain and end. */
  async stop(): Promise<void> {
    this.tell({ kind: 'stop' })
    const kill = setTimeout(() => this.#child.process.kill('SIGKILL'), this.#deps.stopGraceMs)
    await this.ended
    clearTimeout(kill)
  }

  #receive(message: ToPrimary): void {
    switch (message.kind) {
      case 'hello':
        this.tell({ kind: 'start', start: this.#deps.start() })
        break
      case 'serving':
        this.#started.resolve(message.url)
        break
      case 'failed':
        this.#failure = message.failure
        break
      case 'openStore':
        void this.#openStore()
        break
      case 'store':
        this.#guest?.receive(message.message)
        break
      case 'held':
        this.#deps.onHeld(message.pipeline, message.ms, message.waiting)
        break
      case 'processes':
        this.#deps.onProcesses(this, message.specs)
        break
      case 'turn':
        void this.#answerTurn(message.question)
        break
      case 'lookUp':
        void this.#lookUp(message.question)
        break
      case 'attempts':
        this.#deps.onAttempts(message.counts)
        break
      case 'places':
        this.#places.receive(message.messages)
        break
      case 'permits':
        this.#permits.receive(message.messages)
        break
      case 'cancelled':
        this.#deps.onCancelled(message)
        break
      case 'answer':
        this.#questions.answer(message.no, message.standing)
        break
      case 'report':
        this.#report = message.report
        this.#answered()
        break
    }
  }

  async #answerTurn({ no, step, entries }: TurnQuestion): Promise<void> {
    const entry = await this.#deps.turns.next(step, entries)
    this.tell({ kind: 'turn', answer: { no, entry } })
  }

  async #lookUp({ no, needed }: LookUpQuestion): Promise<void> {
    const addresses = await this.#deps.lookUp(needed)
    this.tell({ kind: 'lookedUp', answer: { no, addresses } })
  }

  async #openStore(): Promise<void> {
    const opening = await this.#deps.openStore().then(
      store => this.#connect(store),
      (thrown: unknown): StoreOpening => ({
        kind: 'refused',
        message: messageOf(thrown)
      })
    )
    this.tell({ kind: 'storeOpening', opening })
  }

  #connect({ host, durability }: OpenedStore): StoreOpening {
    if (!this.#gone) this.#guest ??= host?.connect((message: HostMessage) => this.tell({ kind: 'store', message }))
    return { kind: 'opened', durability }
  }

  async #end(): Promise<string> {
    const exit = await exitOf(this.#child)
    await this.#output.end()
    this.#gone = true
    this.#places[Symbol.dispose]()
    this.#permits[Symbol.dispose]()
    this.#deps.onProcesses(this, [])
    this.#report = { ...noReport, metrics: this.#report.metrics.filter(({ type }) => type !== 'gauge') }
    this.#answered()
    this.#questions.answerAll([])
    const { message = `a worker ${exit} before it served`, ...facts } = this.#failure ?? {}
    this.#started.reject(Object.assign(new Error(message), facts))
    await this.#guest?.[Symbol.asyncDispose]()
    return this.#failure === undefined ? exit : `could not start: ${message}`
  }

  #answered(): void {
    this.#asked?.resolve()
    this.#asked = undefined
  }
}
