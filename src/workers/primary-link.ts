import type { Waiting } from '../ledger/record/waiting.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import { SluiceError } from '../errors.ts'
import type { StepCounts } from '../flow/traffic/attempt-counts.ts'
import { ServiceStates, type NothingReady } from '../delivery/service-states.ts'
import type { Durability } from '../ledger/durability.ts'
import { RemoteStore } from '../ledger/sqlite/hosting/remote-store.ts'
import type { Question, StoreOpening, ToPrimary, ToWorker, WorkerFailure, WorkerStart } from './message.ts'
import type { Standing } from '../control/served.ts'
import { RemoteLookUps } from './remote-look-ups.ts'
import { WorkerValues } from './worker-values.ts'
import { RemoteTurns } from './remote-turns.ts'
import { RemotePlaces } from './remote-places.ts'
import { RemoteProcesses } from './remote-processes.ts'
import { noReport, type WorkerReport } from './worker-report.ts'

/** A worker's line to its primary. When the primary is gone, node:cluster ends the worker. */
export class PrimaryLink {
  /** The store that the primary holds, once it has opened it. */
  readonly store = new RemoteStore(message => void tell({ kind: 'store', message }))
  readonly #started = Promise.withResolvers<WorkerStart | undefined>()
  readonly #stopped = Promise.withResolvers<void>()
  /** Where local steps listen. */
  #located = new Map<string, string>()
  /** Questions that came before they could be answered. */
  readonly #asked: { readonly no: number; readonly question: Question }[] = []
  #ready = false
  #opening: PromiseWithResolvers<StoreOpening> | undefined
  #onCancelled: (pipeline: string, id: string) => void = () => {}
  #onReadAgain: () => void = () => {}
  #report: () => WorkerReport = () => noReport
  #answer: (question: Question) => readonly Standing[] = () => []
  #onStoreOpened: () => void = () => {}

  /** Asks the primary what to do. */
  constructor() {
    process.on('message', (message: ToWorker) => this.#receive(message))
    void tell({ kind: 'hello' })
  }

  /** The wish of the primary; `undefined`: that the worker ends. */
  get started(): Promise<WorkerStart | undefined> {
    return this.#started.promise
  }

  /** Resolves when the primary wants the worker to end. */
  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  /** The turns of traffic, which the primary keeps. */
  readonly turns = new RemoteTurns(question => void tell({ kind: 'turn', question }))
  /** The addresses of refs, and values of headers, which the primary asks Kubernetes for. */
  readonly lookUps = new RemoteLookUps(question => void tell({ kind: 'lookUp', question }))
  /** The values of headers, as the primary told them. */
  readonly values = new WorkerValues(source => void this.lookUps.lookUp({ refs: [], values: [source] }))
  /** Behind which Services of deployed steps nothing is ready, as the primary told it. */
  readonly services = new ServiceStates()
  /** The local processes of steps, which the primary has. */
  readonly processes = new RemoteProcesses(
    messages => void tell({ kind: 'places', messages }),
    key => this.#located.get(key)
  )

  /** The places of destinations, of which the primary knows how many all workers together have. */
  readonly places = new RemotePlaces(messages => void tell({ kind: 'permits', messages }))

  /** Tells of attempts of entries of traffic. */
  readonly attempts = (counts: StepCounts): void => void tell({ kind: 'attempts', counts })

  readonly hold = (pipeline: string, ms: number, waiting: Waiting): void =>
    void tell({ kind: 'held', pipeline, ms, waiting })

  /** Has the primary run these processes for former generations, and none that it was told before. */
  readonly needProcesses = (specs: readonly ProcessSpec[]): void => void tell({ kind: 'processes', specs })

  /** Stops the run of the request in whatever worker it is. */
  readonly cancel = (pipeline: string, id: string): void => void tell({ kind: 'cancelled', pipeline, id })

  onCancelled(listener: (pipeline: string, id: string) => void): void {
    this.#onCancelled = listener
  }

  onReadAgain(listener: () => void): void {
    this.#onReadAgain = listener
  }

  /** How questions are answered; those that came before are answered now. */
  onAsked(answer: (question: Question) => readonly Standing[]): void {
    this.#answer = answer
    for (const { no, question } of this.#asked.splice(0)) this.#tellAnswer(no, question)
    this.#ready = true
  }

  onStoreOpened(listener: () => void): void {
    this.#onStoreOpened = listener
  }

  /** Has the primary open its store. Throws STORE_UNAVAILABLE. */
  async openStore(): Promise<Durability> {
    this.#opening = Promise.withResolvers()
    void tell({ kind: 'openStore' })
    const opening = await this.#opening.promise
    if (opening.kind === 'opened') return opening.durability
    throw new SluiceError('STORE_UNAVAILABLE', opening.message, { facts: { retryAfterMs: 1000 } })
  }

  /** The data plane is there, and what the primary is told when it asks. */
  async serving(url: string, report: () => WorkerReport): Promise<void> {
    this.#report = report
    await tell({ kind: 'serving', url })
  }

  /** The worker could not start, and ends. */
  failed(failure: WorkerFailure): Promise<void> {
    return tell({ kind: 'failed', failure })
  }

  /** Says how it went to the end, and leaves. */
  async leave(): Promise<void> {
    await this.#tellReport()
    process.disconnect?.()
  }

  #receive(message: ToWorker): void {
    switch (message.kind) {
      case 'start':
        this.#located = new Map(message.start.located)
        if (message.start.values !== undefined) this.values.receive(message.start.values)
        this.#takeServices(message.start.services)
        this.#started.resolve(message.start)
        break
      case 'located':
        for (const [key, url] of message.located) {
          if (url === undefined) this.#located.delete(key)
          else this.#located.set(key, url)
        }
        break
      case 'services':
        this.#takeServices(message.services)
        break
      case 'turn':
        this.turns.receive(message.answer)
        break
      case 'lookedUp':
        this.lookUps.receive(message.answer)
        break
      case 'places':
        this.processes.receive(message.answers)
        break
      case 'permits':
        this.places.receive(message.answers)
        break
      case 'storeOpening':
        this.#opening?.resolve(message.opening)
        break
      case 'store':
        this.store.receive(message.message)
        break
      case 'report':
        void this.#tellReport()
        break
      case 'ask':
        if (this.#ready) this.#tellAnswer(message.no, message.question)
        else this.#asked.push(message)
        break
      case 'readAgain':
        this.#onReadAgain()
        break
      case 'storeOpened':
        this.#onStoreOpened()
        break
      case 'cancelled':
        this.#onCancelled(message.pipeline, message.id)
        break
      case 'stop':
        this.#started.resolve(undefined)
        this.#stopped.resolve()
        break
    }
  }

  #takeServices(services: ReadonlyMap<string, NothingReady | undefined>): void {
    for (const [ref, state] of services) this.services.set(ref, state)
  }

  #tellAnswer(no: number, question: Question): void {
    if (question.values !== undefined) this.values.receive(question.values)
    void tell({ kind: 'answer', no, standing: this.#answer(question) })
  }

  #tellReport(): Promise<void> {
    return tell({ kind: 'report', report: this.#report() })
  }
}

/** Resolves when it is on its way. A message that cannot be sent, since the primary is gone, need not be. */
const tell = (message: ToPrimary): Promise<void> =>
  new Promise(resolve => {
    if (process.send === undefined) throw new Error('a worker is started by its primary, never by hand')
    process.send(message, undefined, undefined, () => resolve())
  })
