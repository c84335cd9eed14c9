import { isDeepStrictEqual } from 'node:util'
import type { Serving } from '../flow/serving.ts'
import { compile } from '../pipeline/compile.ts'
import type { Definition, Plan, ProcessSpec } from '../pipeline/plan.ts'
import type { Logger } from '../telemetry/log.ts'
import { processesOf } from './processes-of.ts'
import type { Registry } from './registry.ts'

/** How long a generation that nothing runs of stays in memory, and its processes with it, in milliseconds. */
const idleMs = 60_000

export interface FormerGenerationsDeps {
  readonly registry: Registry
  readonly resolve: ReadonlyMap<string, string>
  /** The definition in the store. */
  readonly read: (pipeline: string, generation: number) => Promise<Definition['spec'] | undefined>
  /** Told of the processes that former generations need beside the current ones, whenever these change. */
  readonly onProcesses: (specs: readonly ProcessSpec[]) => void
  readonly log: Logger
}

interface Former {
  readonly serving: Promise<Serving | undefined>
  processes: readonly ProcessSpec[]
  usedAt: number
}

/** Generations that are not current any more, as long as stored requests of them run: each finishes on its own. */
export class FormerGenerations implements Disposable {
  readonly #deps: FormerGenerationsDeps
  readonly #former = new Map<string, Former>()
  readonly #sweeping: NodeJS.Timeout

  constructor(deps: FormerGenerationsDeps) {
    this.#deps = deps
    this.#sweeping = setInterval(() => void this.#sweep(), idleMs / 2)
  }

  /** The serving of a generation; `undefined`: the store does not know it. Throws STORE_UNAVAILABLE. */
  find(pipeline: string, generation: number): Promise<Serving | undefined> {
    const key = `${pipeline}#${generation}`
    const known = this.#former.get(key)
    if (known !== undefined) {
      known.usedAt = performance.now()
      return known.serving
    }
    const former: Former = { serving: this.#load(pipeline, generation, key), processes: [], usedAt: performance.now() }
    this.#former.set(key, former)
    former.serving.then(
      serving => (serving === undefined ? this.#former.delete(key) : undefined),
      () => this.#former.delete(key)
    )
    return former.serving
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping)
  }

  async #load(pipeline: string, generation: number, key: string): Promise<Serving | undefined> {
    const { registry, read, log } = this.#deps
    const spec = await read(pipeline, generation)
    const current = registry.get(pipeline)?.plan
    if (spec === undefined || current === undefined) return undefined
    const plan = this.#compile(spec, generation, current)
    const former = this.#former.get(key)
    if (former !== undefined) former.processes = processesOf(plan)
    this.#tellProcesses()
    log.info({ pipeline, generation }, 'stored requests go on with the definition that they were accepted with')
    return registry.former(plan, generation)
  }

  /** Folders are relative to where the definition is now: a file may have moved, or lie elsewhere on another replica. */
  #compile(spec: Definition['spec'], generation: number, current: Plan): Plan {
    const { namespace, name, definition } = current
    const metadata = { namespace, name }
    const written = { apiVersion: 'sluice.dev/v1alpha1', kind: 'ServingPipeline', metadata, spec } as const
    const running = new Map(processesOf(current).map(process => [process.key, process]))
    return compile(written, {
      baseDir: definition.baseDir,
      resolve: this.#deps.resolve,
      processKey: process => keyOf(process, generation, running)
    })
  }

  #tellProcesses(): void {
    const own = [...this.#former.values()].flatMap(({ processes }) => processes)
    this.#deps.onProcesses(own.filter(({ key }) => key.includes('#')))
  }

  async #sweep(): Promise<void> {
    const before = performance.now() - idleMs
    let left = false
    for (const [key, { serving, usedAt }] of this.#former) {
      if (usedAt > before || (await serving.catch(() => undefined))?.runs === true) continue
      this.#former.delete(key)
      left = true
    }
    if (left) this.#tellProcesses()
  }
}

/** A process that is the same as the current one is that one. */
const keyOf = (spec: ProcessSpec, generation: number, running: ReadonlyMap<string, ProcessSpec>): string =>
  isDeepStrictEqual(running.get(spec.key), spec) ? spec.key : `${spec.key}#${generation}`
