import type { Controlled } from '../../src/control/controlled.ts'
import type { DefinitionSource, ReadFile } from '../../src/control/definition-source.ts'
import type { ProcessHealth } from '../../src/control/process-health.ts'
import { Reconciler } from '../../src/control/reconciler.ts'
import type { Served, ServedChanges, Standing } from '../../src/control/served.ts'
import { readSource } from '../../src/pipeline/validate/read-source.ts'
import { silentLog } from '../helpers/silent-log.ts'

export type Health = 'ready' | 'short' | 'failing' | 'failedOnce' | 'starting'

/** Requests of a pipeline in flight: of the generation that serves, and of one before it. */
export interface InFlight {
  readonly now: number
  readonly before: number
}

const none: InFlight = { now: 0, before: 0 }

/** A reconciler whose surroundings do what the test says. It writes down each change that it should not have made. */
export class LifecycleWorld implements AsyncDisposable {
  readonly texts = new Map<string, string>()
  readonly served = new Map<string, Served>()
  readonly inFlight = new Map<string, InFlight>()
  readonly health = new Map<string, ProcessHealth>()
  /** Pipelines whose requests do not end, though they are cut. */
  readonly stubborn = new Set<string>()
  /** Pipelines that let a request in at the moment when their gate is closed. */
  readonly late = new Set<string>()
  readonly mistakes: string[] = []
  readonly reconciler: Reconciler
  /** The processes that were told to end, and have not. */
  readonly #ending = new Set<string>()
  /** The grace period that a pipeline had when its gate was closed. */
  readonly #graces = new Map<string, number>()

  constructor() {
    this.reconciler = new Reconciler({
      sources: [this.#source()],
      meaning: { resolve: new Map(), environment: {} },
      serve: changes => {
        this.#serve(changes)
        return Promise.resolve()
      },
      standing: pipelines => Promise.resolve(pipelines.map(pipeline => this.#standing(pipeline))),
      needProcesses: (_pipeline, processes, desiredPhase) => {
        for (const { spec } of processes) {
          if (desiredPhase !== 'Paused') {
            this.#ending.delete(spec.key)
            if (!this.health.has(spec.key)) this.health.set(spec.key, healthOf('starting'))
          } else if (this.health.has(spec.key)) this.#ending.add(spec.key)
        }
      },
      surroundings: {
        healthOf: key => this.health.get(key),
        missingHeaders: () => [],
        durability: () => undefined,
        rolloutsOf: () => []
      },
      replica: 'r',
      log: silentLog
    })
  }

  entry(name: string): Controlled | undefined {
    return this.reconciler.get(`default/${name}`)
  }

  all(kind: Health): void {
    for (const key of this.health.keys()) this.health.set(key, healthOf(kind))
    for (const key of this.health.keys()) this.reconciler.processChanged(key)
  }

  /** The processes that were told to end do. */
  processesEnd(): void {
    for (const key of this.#ending) {
      this.health.delete(key)
      this.reconciler.processChanged(key)
    }
    this.#ending.clear()
  }

  /** Whether any process of the pipeline is there, though it may be about to end. */
  runs({ processes }: Controlled): boolean {
    return processes.some(({ key }) => this.health.has(key))
  }

  #serve({ put, removed }: ServedChanges): void {
    for (const each of put) {
      const { pipeline } = each.plan
      const before = this.served.get(pipeline)?.gate ?? 'open'
      if (each.gate !== before) this.#changes(pipeline, each.gate)
      if (each.cut && (this.#graces.get(pipeline) ?? 0) > 0) this.mistakes.push(`${pipeline} is cut before its time`)
      this.served.set(pipeline, each)
    }
    for (const pipeline of removed) this.served.delete(pipeline)
  }

  #changes(pipeline: string, gate: Served['gate']): void {
    if (gate !== 'open' && this.late.delete(pipeline)) this.inFlight.set(pipeline, { now: 1, before: 0 })
    this.#graces.set(pipeline, this.reconciler.get(pipeline)?.graceMs ?? 0)
    if (gate !== 'paused') return
    for (const other of this.reconciler.entries) {
      const isOpen = this.served.get(other.pipeline)?.gate === 'open' && other.gate === 'open'
      if (isOpen && other.current?.needs.has(pipeline) === true) {
        this.mistakes.push(`${pipeline} is closed before ${other.pipeline}, which needs it`)
      }
    }
  }

  #standing(pipeline: string): Standing {
    const { now, before } = this.inFlight.get(pipeline) ?? none
    const { generation = 0, cut = false } = this.served.get(pipeline) ?? {}
    const former = this.reconciler.get(pipeline)?.retiring[0]?.generation
    if (cut && !this.stubborn.has(pipeline)) this.inFlight.delete(pipeline)
    const counts = [{ generation, count: now, stored: 0 }]
    if (former !== undefined) counts.push({ generation: former, count: before, stored: 0 })
    return { pipeline, inFlight: counts, cut: cut ? now : 0 }
  }

  #source(): DefinitionSource {
    const read = (): ReadFile[] =>
      [...this.texts].map(([file, text]) => {
        const found = [...readSource({ file, text }, undefined)]
        return {
          file,
          pipelines: found.flatMap(each => (each.kind === 'pipeline' ? [each.pipeline] : [])),
          faults: found.flatMap(each => (each.kind === 'fault' ? [each.fault] : []))
        }
      })
    return {
      name: 'world',
      shown: 'world',
      mustBeThere: false,
      read: () => Promise.resolve({ kind: 'read', files: read() }),
      watch() {},
      [Symbol.dispose]() {}
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.reconciler[Symbol.asyncDispose]()
  }
}

const failing = { kind: 'failing', reason: 'ended with exit code 3' } as const

const healths: Readonly<Record<Health, ProcessHealth>> = {
  ready: { state: { kind: 'ready' }, wasReady: true, failures: 0, instances: { desired: 1, ready: 1 } },
  short: { state: { kind: 'ready' }, wasReady: true, failures: 0, instances: { desired: 2, ready: 1 } },
  failing: { state: failing, wasReady: false, failures: 2, instances: { desired: 1, ready: 0 } },
  failedOnce: { state: failing, wasReady: true, failures: 1, instances: { desired: 1, ready: 1 } },
  starting: { state: { kind: 'starting' }, wasReady: false, failures: 0, instances: { desired: 1, ready: 0 } }
}

const healthOf = (kind: Health): ProcessHealth => healths[kind]
