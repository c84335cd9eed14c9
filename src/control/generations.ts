import type { Documents } from '../ledger/documents.ts'
import type { Records } from '../ledger/records.ts'
import type { Definition, Plan } from '../pipeline/plan.ts'
import { digestOf } from './digest-of.ts'
import { openRequests } from './open-requests.ts'

/** Generations that the store keeps are documents of this kind, called `namespace/name#NUMBER`. */
const kind = 'generation'
/** Definitions that are written at once, so that ten thousand do not wait in memory. */
const atOnce = 100

/** The definition of a generation as the store has it. */
export type NumberedDefinition = Pick<Definition, 'spec' | 'nested'>

/** A document, without the definition. */
interface Kept {
  readonly digest: string
  /** When it was numbered, in milliseconds since the epoch. */
  readonly at: number
}

export interface GenerationsDeps {
  readonly ledger: Pick<Records, 'list'> & { readonly documents: Documents }
  /**
   * How long a generation is kept that no open request needs, in milliseconds: other replicas may still accept requests
   * with it.
   */
  readonly unusedMs: number
}

/**
 * The definitions in the store: each has a number, the same for all replicas, and is kept while a request that was
 * accepted with it is open. The last number of a pipeline is never given again, as its definition stays.
 */
export class Generations {
  readonly #deps: GenerationsDeps
  /** As the store was read last, with what was numbered since; others may have numbered more, which is seen on the way. */
  #known: Promise<Map<string, Map<number, Kept>>> | undefined

  constructor(deps: GenerationsDeps) {
    this.#deps = deps
  }

  /** The number of each plan's definition, in the order of the plans. A new one gets the number after the last. */
  async number(plans: readonly Plan[]): Promise<readonly number[]> {
    const kept = await this.#knownGenerations()
    const numbers: number[] = []
    for (let i = 0; i < plans.length; i += atOnce) {
      const some = plans.slice(i, i + atOnce)
      numbers.push(...(await Promise.all(some.map(plan => this.#numberOf(plan, ofPipeline(kept, plan.pipeline))))))
    }
    return numbers
  }

  /** The definition; `undefined`: the store has none of this number. */
  async read(pipeline: string, generation: number): Promise<NumberedDefinition | undefined> {
    const text = await this.#deps.ledger.documents.get(kind, nameOf(pipeline, generation))
    return text === undefined ? undefined : readKept(text)
  }

  /** Forgets generations that are neither the last of their pipeline, nor current here, nor that of an open request. */
  async sweep(currentOf: (pipeline: string) => number | undefined): Promise<void> {
    this.#known = undefined
    for (const [pipeline, generations] of await this.#kept()) {
      const stay = new Set([lastOf(generations), currentOf(pipeline)])
      const isOver = (at: number): boolean => Date.now() - at >= this.#deps.unusedMs
      const old = [...generations].filter(([number, { at }]) => !stay.has(number) && isOver(at))
      if (old.length === 0) continue
      const needed = await this.#needed(pipeline)
      for (const [number] of old) {
        if (!needed.has(number)) await this.#deps.ledger.documents.remove(kind, nameOf(pipeline, number))
      }
    }
  }

  async #numberOf({ pipeline, definition }: Plan, kept: Map<number, Kept>): Promise<number> {
    const digest = digestOf(definition)
    const known = [...kept].find(([, each]) => each.digest === digest)
    const { spec, nested } = definition
    const at = Date.now()
    const text = JSON.stringify({ spec, nested, digest, at })
    if (known !== undefined) {
      // Somebody went back to it: from now on it is as young as a new one.
      if (known[0] !== lastOf(kept)) await this.#deps.ledger.documents.put(kind, nameOf(pipeline, known[0]), text)
      return known[0]
    }
    for (let number = lastOf(kept) + 1; ; number++) {
      const there = await this.#deps.ledger.documents.add(kind, nameOf(pipeline, number), text)
      // Another replica may have numbered another definition meanwhile, or this one.
      const found = readKept(there).digest
      kept.set(number, { digest: found, at })
      if (found === digest) return number
    }
  }

  #knownGenerations(): Promise<Map<string, Map<number, Kept>>> {
    this.#known ??= this.#kept().catch((thrown: unknown) => {
      this.#known = undefined
      throw thrown
    })
    return this.#known
  }

  async #kept(): Promise<Map<string, Map<number, Kept>>> {
    const byPipeline = new Map<string, Map<number, Kept>>()
    for (const { name, text } of await this.#deps.ledger.documents.list(kind)) {
      const at = name.lastIndexOf('#')
      const pipeline = name.slice(0, at)
      const generations = byPipeline.get(pipeline) ?? new Map<number, Kept>()
      const { digest, at: keptAt } = readKept(text)
      byPipeline.set(pipeline, generations.set(Number(name.slice(at + 1)), { digest, at: keptAt }))
    }
    return byPipeline
  }

  /** The generations of requests that have not ended. */
  async #needed(pipeline: string): Promise<ReadonlySet<number>> {
    const needed = new Set<number>()
    for await (const { generation } of openRequests(this.#deps.ledger, pipeline)) {
      if (generation !== undefined) needed.add(generation)
    }
    return needed
  }
}

function ofPipeline(kept: Map<string, Map<number, Kept>>, pipeline: string): Map<number, Kept> {
  const known = kept.get(pipeline) ?? new Map<number, Kept>()
  kept.set(pipeline, known)
  return known
}

const nameOf = (pipeline: string, generation: number): string => `${pipeline}#${generation}`

const lastOf = (generations: ReadonlyMap<number, unknown>): number => Math.max(0, ...generations.keys())

// Only this class writes documents of its kind.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const readKept = (text: string): Kept & NumberedDefinition => JSON.parse(text) as Kept & NumberedDefinition
