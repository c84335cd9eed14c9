import { isDeepStrictEqual } from 'node:util'
import type { RuntimeSpec } from '../pipeline/runtime-spec.ts'
import { Ports } from './ports.ts'
import { StepProcess, type ProcessHealth, type StepProcessDeps } from './step-process.ts'

/** The local processes of steps (`run`): started, watched, restarted, and never left behind. */
export interface Runner extends AsyncDisposable {
  /**
   * Starts what is new or changed; stops what is no longer named, and what is to stand still. Does not wait until ready.
   */
  apply(specs: readonly RuntimeSpec[]): void
  /** Where the process listens while it is ready, else why not. */
  locate(key: string): Located
  /** How the process does; `undefined`: there is none, and none that is being stopped. */
  health(key: string): ProcessHealth | undefined
  /** Where all of them listen, or why not. */
  locations(): ReadonlyMap<string, Located>
  /** Calls back when that may have changed. */
  watch(onChange: () => void): Disposable
  /** Resolves when each process was ready once or failed once; names those that are not ready. */
  settled(): Promise<readonly { readonly step: string; readonly reason: string }[]>
}

export type Located =
  { readonly kind: 'ready'; readonly url: string } | { readonly kind: 'unavailable'; readonly reason: string }

export type RunnerDeps = Omit<StepProcessDeps, 'ports' | 'changed'>

export function createRunner(runnerDeps: RunnerDeps): Runner {
  const watching = new Set<() => void>()
  const changed = (): void => {
    for (const onChange of watching) onChange()
  }
  const deps = { ...runnerDeps, ports: new Ports(), changed }
  const processes = new Map<string, StepProcess>()
  const stopping = new Map<StepProcess, Promise<void>>()

  const stop = (process: StepProcess): void => {
    processes.delete(process.spec.key)
    const over = (): void => {
      stopping.delete(process)
      changed()
    }
    stopping.set(process, process[Symbol.asyncDispose]().finally(over))
  }

  return {
    apply(specs) {
      const running = specs.filter(({ desiredPhase }) => desiredPhase === 'Running')
      const wanted = new Map(running.map(spec => [spec.key, spec]))
      for (const process of processes.values()) {
        if (!isDeepStrictEqual(process.spec, wanted.get(process.spec.key))) stop(process)
      }
      for (const spec of running) {
        if (!processes.has(spec.key)) processes.set(spec.key, new StepProcess(spec, deps))
      }
    },
    locate: key => located(processes.get(key)),
    health: key => (processes.get(key) ?? stopping.keys().find(({ spec }) => spec.key === key))?.health,
    locations: () => new Map([...processes].map(([key, process]) => [key, located(process)])),
    watch(onChange) {
      watching.add(onChange)
      return { [Symbol.dispose]: () => void watching.delete(onChange) }
    },
    async settled() {
      await Promise.all([...processes.values()].map(process => process.settled))
      return [...processes.values()].flatMap(process => {
        const where = located(process)
        return where.kind === 'ready' ? [] : [{ step: process.spec.step, reason: where.reason }]
      })
    },
    async [Symbol.asyncDispose]() {
      for (const process of processes.values()) stop(process)
      await Promise.all(stopping.values())
    }
  }
}

function located(process: StepProcess | undefined): Located {
  const state = process?.state
  switch (state?.kind) {
    case 'ready':
      return state
    case 'starting':
      return { kind: 'unavailable', reason: 'its process is starting' }
    case 'failing':
      return { kind: 'unavailable', reason: `its process ${state.reason}` }
    case 'stopped':
    case undefined:
      return { kind: 'unavailable', reason: 'its process is stopped' }
  }
}
