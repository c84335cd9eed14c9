import type { Ledger } from '../ledger/ledger.ts'
import { cancelOpen } from './cancel-open.ts'
import type { Controlled } from './controlled.ts'
import { definitionKey, readDefinitionKey } from '../pipeline/parsed-pipeline.ts'
import { otherKind } from '../pipeline/one-pipeline.ts'
import { originOf } from '../pipeline/origin.ts'
import type { DefinitionKind } from '../pipeline/spec/serving-pipeline.ts'
import type { KeptReading } from './kept-reading.ts'

export interface DeletionsDeps {
  readonly kept: Pick<KeptReading, 'definitions' | 'store'>
  readonly find: (pipeline: string) => Pick<Controlled, 'deleted' | 'halves'> | undefined
  /** `undefined`: the store is not open. */
  readonly ledger: () => Pick<Ledger, 'list' | 'read' | 'cancel'> | undefined
  /** Looks at the kept definitions again: they have changed. */
  readonly refresh: () => Promise<void>
}

/** Deletions of definitions of the admin API that are over, of which the store does not know yet. */
export class Deletions implements AsyncDisposable {
  readonly #deps: DeletionsDeps
  readonly #finishing = new Map<string, Promise<void>>()
  readonly #ending = new AbortController()

  constructor(deps: DeletionsDeps) {
    this.#deps = deps
  }

  /** Nothing of the pipeline is here any more: the store is told the last word on its definitions. */
  finish(pipeline: string): void {
    for (const kind of ['ServingPipeline', 'Pipeline'] as const)
      this.#finishOne(definitionKey(kind, pipeline), undefined)
  }

  /** The same of all pipelines that are not here. */
  finishAbsent(): void {
    for (const [key, { deleting }] of this.#deps.kept.definitions) {
      const { pipeline } = readDefinitionKey(key)
      if (deleting && this.#deps.find(pipeline) === undefined) this.#finishOne(key, undefined)
    }
  }

  /** The same of one definition of a pipeline that goes on with the other one: nothing is to be waited for. */
  finishHalves(): void {
    for (const [key, { deleting }] of this.#deps.kept.definitions) {
      const { kind, pipeline } = readDefinitionKey(key)
      const entry = deleting ? this.#deps.find(pipeline) : undefined
      if (entry === undefined || entry.deleted || entry.halves.get(kind)?.kept !== undefined) continue
      this.#finishOne(key, otherKind(kind))
    }
  }

  /** `left`: the definition of the other kind serves on, whose requests are not to be cancelled. */
  #finishOne(key: string, left: DefinitionKind | undefined): void {
    if (this.#ending.signal.aborted || this.#finishing.has(key)) return
    const finishing = this.#forget(key, left)
      .catch(() => {})
      .finally(() => this.#finishing.delete(key))
    this.#finishing.set(key, finishing)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#finishing.values())
  }

  async #forget(key: string, left: DefinitionKind | undefined): Promise<void> {
    const { kept: reading, ledger, refresh } = this.#deps
    const kept = reading.definitions.get(key)
    if (kept?.deleting !== true || kept.definition === undefined) return
    const open = ledger()
    if (kept.cancelling === true && open !== undefined) {
      const { pipeline } = readDefinitionKey(key)
      const isMeant = async (id: string): Promise<boolean> =>
        left === undefined || (await kindOf(open, pipeline, id)) !== left
      await cancelOpen(open, pipeline, isMeant, this.#ending.signal)
    }
    await reading.store?.write(key, kept, { deleting: false })
    await refresh()
  }
}

/** The definition by which a request came; `undefined`: it is not there any more. */
async function kindOf(ledger: Pick<Ledger, 'read'>, pipeline: string, id: string): Promise<DefinitionKind | undefined> {
  const record = await ledger.read(pipeline, id)
  if (record === undefined || record === 'expired') return undefined
  return originOf(record.headers) === 'source' ? 'Pipeline' : 'ServingPipeline'
}
