import { isDeepStrictEqual } from 'node:util'
import { SluiceError } from '../errors.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Environment } from '../pipeline/environment.ts'
import { mergePatch } from '../pipeline/merge-patch.ts'
import { invalid, readOnePipeline, readPatch } from '../pipeline/read-one-pipeline.ts'
import type { ServingPipeline } from '../pipeline/spec/serving-pipeline.ts'
import {
  checkKind,
  checkVersion,
  crowded,
  needed,
  ofFile,
  otherKind,
  unknown,
  type Version
} from './change-refusals.ts'
import { cycleFault, neededBy } from './definition-needs.ts'
import type { Controlled } from './controlled.ts'
import { lifecycleText } from './lifecycle-text.ts'
import type { KeptDefinitions } from './kept-definitions.ts'
import type { Reconciler } from './reconciler.ts'

export interface DefinitionChangesDeps {
  readonly reconciler: Pick<
    Reconciler,
    'entries' | 'get' | 'refresh' | 'followStore' | 'keptDefinitions' | 'keptVersion'
  >
  /** Opens the store, where definitions of the admin API are kept. Rejects with STORE_UNAVAILABLE. */
  readonly openStore: () => Promise<unknown>
  readonly environment: Environment
}

export interface Changed {
  /** There was none of that name. */
  readonly created: boolean
}

/** Others that are quicker are waited for so often. */
const maxTries = 20

/**
 * Changes of definitions by the admin API: each is judged whole, kept in the store, and served when its promise
 * resolves. All reject with INVALID_REQUEST, CONFLICT, PIPELINE_NOT_FOUND and STORE_UNAVAILABLE.
 */
export class DefinitionChanges {
  readonly #deps: DefinitionChangesDeps

  constructor(deps: DefinitionChangesDeps) {
    this.#deps = deps
  }

  /** Puts the definition of a text, YAML or JSON, in the place of the one that is there, or makes it; `dryRun`: does not. */
  put(pipeline: string, kind: string, text: string, version: Version, dryRun = false): Promise<Changed> {
    const read = readOnePipeline(text, pipeline, this.#deps.environment)
    checkKind(kind, read.definition)
    return this.#change(pipeline, [version, read.version], dryRun, () => read.definition)
  }

  /** Changes fields of the definition, as a JSON merge patch says. */
  async patch(pipeline: string, kind: string, text: string, version: Version, dryRun = false): Promise<Changed> {
    const patch = readPatch(text)
    return this.#change(pipeline, [version], dryRun, (entry, check) => {
      const before = entry?.deleted === false ? entry.definition : undefined
      if (before?.kind !== kind) throw unknown(pipeline)
      const merged = mergePatch(before, patch)
      const read = readOnePipeline(JSON.stringify(merged, undefined, 2), pipeline, this.#deps.environment)
      checkKind(kind, read.definition)
      check(read.version)
      return read.definition
    })
  }

  /** Deletes what the admin API was given; `cancelling`: with the requests that have not ended by then. */
  async remove(pipeline: string, version: Version, options: { force: boolean; cancelling: boolean }): Promise<void> {
    const { reconciler, openStore } = this.#deps
    await openStore()
    for (let tries = 0; tries < maxTries; tries++) {
      await reconciler.followStore()
      const entry = reconciler.get(pipeline)
      if (entry === undefined) throw unknown(pipeline)
      checkVersion(entry, version)
      const kept = reconciler.keptVersion(pipeline)
      if (entry.kept === undefined && !entry.deleted) throw ofFile(entry, 'it goes with its file')
      const needing = options.force ? [] : neededBy(pipeline, reconciler.entries)
      if (needing.length > 0) throw needed(pipeline, needing)
      if (kept?.definition === undefined || (kept.deleting && kept.cancelling === options.cancelling)) return
      const next = { definition: kept.definition, deleting: true, cancelling: options.cancelling }
      const written = await this.#kept.write(pipeline, kept, next)
      await reconciler.refresh()
      if (written) return
    }
    throw crowded(pipeline)
  }

  async #change(
    pipeline: string,
    versions: readonly Version[],
    dryRun: boolean,
    make: (entry: Controlled | undefined, check: (version: Version) => void) => ServingPipeline
  ): Promise<Changed> {
    const { reconciler, openStore } = this.#deps
    await openStore()
    for (let tries = 0; tries < maxTries; tries++) {
      await reconciler.followStore()
      const entry = reconciler.get(pipeline)
      const check = (version: Version): void => checkVersion(entry, version)
      versions.forEach(check)
      const definition = make(entry, check)
      if (entry?.definition !== undefined && entry.kind !== definition.kind) throw otherKind(entry)
      const done = await this.#write(pipeline, entry, definition, dryRun)
      if (done !== undefined) return done
    }
    throw crowded(pipeline)
  }

  /** `undefined`: somebody else was quicker. */
  async #write(
    pipeline: string,
    entry: Controlled | undefined,
    definition: ServingPipeline,
    dryRun: boolean
  ): Promise<Changed | undefined> {
    const { reconciler } = this.#deps
    if (entry !== undefined && entry.kept === undefined && !entry.deleted) {
      await this.#command(entry, definition, dryRun)
      return { created: false }
    }
    const fault = cycleFault(definition, reconciler.entries)
    if (fault !== undefined) throw invalid([fault])
    const kept = reconciler.keptVersion(pipeline)
    const created = kept?.definition === undefined
    if (dryRun || (kept?.deleting === false && isDeepStrictEqual(kept.definition, definition))) return { created }
    const written = await this.#kept.write(pipeline, kept, { definition, deleting: false })
    await reconciler.refresh()
    return written ? { created } : undefined
  }

  /** Of a definition from a file only the lifecycle may be another one: that is a command. */
  async #command(entry: Controlled, { spec, metadata }: ServingPipeline, dryRun: boolean): Promise<void> {
    const own = entry.claim.definition?.definition
    const { lifecycle = {}, ...rest } = spec
    const { lifecycle: before = {}, ...ownRest } = entry.definition?.spec ?? { lifecycle: {} }
    const isSame =
      isDeepStrictEqual(rest, ownRest) &&
      isDeepStrictEqual(metadata.labels ?? {}, own?.metadata.labels ?? {}) &&
      isDeepStrictEqual(metadata.annotations ?? {}, own?.metadata.annotations ?? {})
    if (!isSame) throw ofFile(entry, 'only spec.lifecycle can be changed here')
    if (dryRun || isDeepStrictEqual(lifecycle, before)) return
    await this.#kept.command(entry.pipeline, { lifecycle, over: lifecycleText(own), id: createRequestId() })
    await this.#deps.reconciler.refresh()
  }

  get #kept(): KeptDefinitions {
    const kept = this.#deps.reconciler.keptDefinitions
    if (kept === undefined) throw new SluiceError('STORE_UNAVAILABLE', 'the store is not open')
    return kept
  }
}
