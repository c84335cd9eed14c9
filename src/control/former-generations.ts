import type { Serving } from '../flow/serving.ts'
import type { Definition, Nested } from '../pipeline/plan.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { Logger } from '../telemetry/log.ts'
import { movedPlan, planLookedUp, type LookUp } from './look-up.ts'
import type { Meaning } from './plan-of.ts'
import { processesOf } from './processes-of.ts'
import type { NumberedDefinition } from './generations.ts'
import type { Registry } from './registry.ts'

/** How long a generation that nothing runs of stays in memory, and its processes with it, in milliseconds. */
const idleMs = 60_000
/** Addresses of refs are looked up again after so long, in milliseconds, for requests that are claimed from then on. */
const lookedMs = 1_000

export interface FormerGenerationsDeps {
  readonly registry: Registry
  /** But for the addresses of refs. */
  readonly meaning: Meaning
  readonly lookUp: LookUp
  /** The definition in the store. */
  readonly read: (pipeline: string, generation: number) => Promise<NumberedDefinition | undefined>
  /** Told of the processes that former generations need, whenever these change. */
  readonly onProcesses: (specs: readonly ProcessSpec[]) => void
  readonly log: Logger
}

/** The known parts of a stored request. */
interface Accepted {
  readonly pipeline: string
  /** `undefined`: the record is of a version that knew none. */
  readonly generation: number | undefined
}

interface Former {
  readonly serving: Promise<Serving | undefined>
  processes: readonly ProcessSpec[]
  usedAt: number
  lookedAt: number
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

  /**
   * The generation that a request was accepted with, or the current one where the store does not know that;
   * `undefined`: its pipeline is not served here. Rejects with STORE_UNAVAILABLE.
   */
  servingOf({ pipeline, generation }: Accepted): Serving | Promise<Serving | undefined> | undefined {
    const current = this.#deps.registry.get(pipeline)
    if (current === undefined || generation === undefined || generation === current.generation) return current
    return this.#find(pipeline, generation).then(found =>
      found === undefined || lacks(found, current) ? current : found
    )
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping)
  }

  #find(pipeline: string, generation: number): Promise<Serving | undefined> {
    const key = `${pipeline}#${generation}`
    const known = this.#former.get(key)
    const now = performance.now()
    if (known !== undefined) {
      known.usedAt = now
      if (now - known.lookedAt < lookedMs) return known.serving
      known.lookedAt = now
      return this.#look(key, known)
    }
    const serving = this.#load(pipeline, generation, key)
    const former: Former = { serving, processes: [], usedAt: now, lookedAt: now }
    this.#former.set(key, former)
    former.serving.then(
      serving => (serving === undefined ? this.#former.delete(key) : undefined),
      () => this.#former.delete(key)
    )
    return former.serving
  }

  /** Where the addresses of its refs are other ones by now, it is made again; what runs of it goes on as it is. */
  async #look(key: string, former: Former): Promise<Serving | undefined> {
    const { registry, meaning, lookUp } = this.#deps
    const serving = await former.serving
    const moved = serving && (await movedPlan(serving.plan, meaning, lookUp))
    if (serving === undefined || moved === undefined) return serving
    const next = registry.former(moved, serving.generation)
    this.#former.set(`${key} until ${former.usedAt}`, former)
    this.#former.set(key, { ...former, serving: Promise.resolve(next) })
    return next
  }

  async #load(pipeline: string, generation: number, key: string): Promise<Serving | undefined> {
    const { registry, read, meaning, lookUp, log } = this.#deps
    const kept = await read(pipeline, generation)
    const current = registry.get(pipeline)?.plan
    if (kept === undefined || current === undefined) return undefined
    // Folders are relative to where the definition is now: a file may have moved, or lie elsewhere on another replica.
    const { namespace, name, definition } = current
    const plan = await planLookedUp({ namespace, name, definition: movedTo(definition, kept) }, meaning, lookUp)
    const former = this.#former.get(key)
    if (former !== undefined) former.processes = processesOf(plan)
    this.#tellProcesses()
    log.info({ pipeline, generation }, 'stored requests go on with the definition that they were accepted with')
    return registry.former(plan, generation)
  }

  #tellProcesses(): void {
    this.#deps.onProcesses([...this.#former.values()].flatMap(({ processes }) => processes))
  }

  async #sweep(): Promise<void> {
    const before = performance.now() - idleMs
    let left = false
    for (const [key, { serving, usedAt }] of this.#former) {
      const former = await serving.catch(() => undefined)
      if (usedAt > before || (former?.storedInFlight ?? 0) > 0) continue
      this.#former.delete(key)
      if (former !== undefined) this.#deps.registry.retire(former)
      left = true
    }
    if (left) this.#tellProcesses()
  }
}

/** It was accepted before a pipeline was there that it nests, and goes on with the first generation that has it. */
const lacks = (former: Serving, current: Serving): boolean =>
  former.plan.unresolved.length > 0 && current.plan.unresolved.length === 0

/** The definition in the folders of the current one. */
function movedTo({ baseDir, nested: current = {} }: Definition, { spec, nested }: NumberedDefinition): Definition {
  if (nested === undefined) return { spec, baseDir }
  const moved: Record<string, Nested[string]> = {}
  for (const [key, inner] of Object.entries(nested)) {
    moved[key] = { spec: inner.spec, baseDir: current[key]?.baseDir ?? baseDir }
  }
  return { spec, baseDir, nested: moved }
}
