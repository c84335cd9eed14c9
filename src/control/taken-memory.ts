import type { Documents } from '../ledger/documents.ts'
import type { Taken, TakenByKind } from '../pipeline/one-pipeline.ts'
import { definitionKey, type DefinitionName } from '../pipeline/parsed-pipeline.ts'

/** The fields that a definition took are a document of this kind, called by the key of the definition. */
const kind = 'taken'

/**
 * The fields that definitions have taken from those of the other kind: they stay when that one is gone, after a restart
 * too, where a store is open.
 */
export class TakenMemory {
  readonly #taken = new Map<string, Taken>()
  /** Keys whose documents are not as they should be. */
  readonly #changed = new Set<string>()
  #documents: Documents | undefined

  /** The store is open: what is known already goes before what it has. */
  async open(documents: Documents): Promise<void> {
    for (const { name, text } of await documents.list(kind)) {
      if (!this.#taken.has(name)) this.#taken.set(name, readTaken(text))
    }
    for (const key of this.#taken.keys()) this.#changed.add(key)
    this.#documents = documents
  }

  of(pipeline: string): TakenByKind {
    const [serving, sourced] = [this.#taken.get(pipeline), this.#taken.get(definitionKey('Pipeline', pipeline))]
    return { ...(serving && { ServingPipeline: serving }), ...(sourced && { Pipeline: sourced }) }
  }

  /** `undefined`: the definition has taken nothing, or is not there any more. */
  set({ kind: of, pipeline }: DefinitionName, taken: Taken | undefined): void {
    const key = definitionKey(of, pipeline)
    if (this.#taken.get(key) === taken) return
    if (taken === undefined) this.#taken.delete(key)
    else this.#taken.set(key, taken)
    this.#changed.add(key)
  }

  /** Of the definitions that have taken something. */
  get keys(): readonly string[] {
    return [...this.#taken.keys()]
  }

  /** Has the store keep what has changed; while it is away, that is tried again the next time. */
  async keep(): Promise<void> {
    if (this.#documents === undefined) return
    for (const key of this.#changed) {
      const taken = this.#taken.get(key)
      if (taken === undefined) await this.#documents.remove(kind, key)
      else await this.#documents.put(kind, key, JSON.stringify(taken))
      this.#changed.delete(key)
    }
  }
}

// Only this class writes documents of its kind.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const readTaken = (text: string): Taken => JSON.parse(text) as Taken
