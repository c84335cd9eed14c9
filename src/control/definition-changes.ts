import { isDeepStrictEqual } from 'node:util'
import { SluiceError } from '../errors.ts'
import { createRequestId } from '../event/request-id.ts'
import type { Environment } from '../pipeline/environment.ts'
import { mergePatch } from '../pipeline/merge-patch.ts'
import { faultText } from '../pipeline/fault.ts'
import { invalid, readOnePipeline, readPatch } from '../pipeline/read-one-pipeline.ts'
import { otherKind } from '../pipeline/one-pipeline.ts'
import { definitionKey, pipelineKey, type DefinitionName, type ParsedPipeline } from '../pipeline/parsed-pipeline.ts'
import type { DefinitionKind, WrittenPipeline } from '../pipeline/spec/serving-pipeline.ts'
import {
  checkKind,
  checkVersion,
  crowded,
  needed,
  notTheLead,
  ofFile,
  unknown,
  type Version
} from './change-refusals.ts'
import { faultsBeside, neededBy } from './definition-needs.ts'
import type { Controlled } from './controlled.ts'
import { writtenIn, type Half } from './half.ts'
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
  put(pipeline: string, kind: DefinitionKind, text: string, version: Version, dryRun = false): Promise<Changed> {
    const read = readOnePipeline(text, pipeline, this.#deps.environment)
    checkKind(kind, read.definition)
    return this.#change({ pipeline, kind }, [version, read.version], dryRun, () => read.parsed)
  }

  /** Changes fields of the definition, as a JSON merge patch says. */
  async patch(
    pipeline: string,
    kind: DefinitionKind,
    text: string,
    version: Version,
    dryRun = false
  ): Promise<Changed> {
    const patch = readPatch(text)
    return this.#change({ pipeline, kind }, [version], dryRun, ({ entry, half }, check) => {
      const before = half === undefined || entry?.deleted === true ? undefined : writtenIn(half)
      if (before === undefined) throw unknown(pipeline)
      const merged = mergePatch(before, patch)
      const read = readOnePipeline(JSON.stringify(merged), pipeline, this.#deps.environment, faultText)
      checkKind(kind, read.definition)
      check(read.version)
      if (entry !== undefined && !isDeepStrictEqual(before.spec.lifecycle, read.definition.spec.lifecycle))
        checkLead(entry, kind)
      return read.parsed
    })
  }

  /** Deletes what the admin API was given; `cancelling`: with the requests that have not ended by then. */
  async remove(
    pipeline: string,
    kind: DefinitionKind,
    version: Version,
    options: { force: boolean; cancelling: boolean }
  ): Promise<void> {
    const { reconciler, openStore } = this.#deps
    await openStore()
    const key = definitionKey(kind, pipeline)
    for (let tries = 0; tries < maxTries; tries++) {
      await reconciler.followStore()
      const entry = reconciler.get(pipeline)
      const half = entry?.halves.get(kind)
      if (entry === undefined || half === undefined) throw unknown(pipeline)
      checkVersion(half, version)
      const kept = reconciler.keptVersion(key)
      if (half.kept === undefined && !entry.deleted) throw ofFile(half, 'it goes with its file')
      const stays = !entry.deleted && entry.halves.has(otherKind(kind))
      const needing = options.force || stays ? [] : neededBy(pipeline, reconciler.entries)
      if (needing.length > 0) throw needed(pipeline, needing)
      if (kept?.definition === undefined || (kept.deleting && kept.cancelling === options.cancelling)) return
      const next = { definition: kept.definition, deleting: true, cancelling: options.cancelling }
      const written = await this.#kept.write(key, kept, next)
      await reconciler.refresh()
      if (written) return
    }
    throw crowded(pipeline)
  }

  async #change(
    { pipeline, kind }: DefinitionName,
    versions: readonly Version[],
    dryRun: boolean,
    make: (there: There, check: (version: Version) => void) => ParsedPipeline
  ): Promise<Changed> {
    const { reconciler, openStore } = this.#deps
    await openStore()
    for (let tries = 0; tries < maxTries; tries++) {
      await reconciler.followStore()
      const entry = reconciler.get(pipeline)
      const there = { entry, half: entry?.halves.get(kind) }
      const check = (version: Version): void => checkVersion(there.half, version)
      versions.forEach(check)
      const done = await this.#write(there, make(there, check), dryRun)
      if (done !== undefined) return done
    }
    throw crowded(pipeline)
  }

  /** `undefined`: somebody else was quicker. */
  async #write({ entry, half }: There, parsed: ParsedPipeline, dryRun: boolean): Promise<Changed | undefined> {
    const { reconciler } = this.#deps
    const { definition } = parsed
    if (entry !== undefined && half !== undefined && half.kept === undefined && !entry.deleted) {
      await this.#command(entry, half, definition, dryRun)
      return { created: false }
    }
    const faults = faultsBeside(entry, parsed, reconciler.entries)
    if (faults.length > 0) throw invalid(faults)
    const key = definitionKey(definition.kind, pipelineKey(parsed))
    const kept = reconciler.keptVersion(key)
    const created = kept?.definition === undefined
    if (dryRun || (kept?.deleting === false && isDeepStrictEqual(kept.definition, definition))) return { created }
    const written = await this.#kept.write(key, kept, { definition, deleting: false })
    await reconciler.refresh()
    return written ? { created } : undefined
  }

  /** Of a definition from a file only the lifecycle may be another one: that is a command. */
  async #command(
    entry: Controlled,
    half: Half,
    { spec, metadata, kind }: WrittenPipeline,
    dryRun: boolean
  ): Promise<void> {
    const own = half.claim.definition?.definition
    const { lifecycle = {}, ...rest } = spec
    const { lifecycle: before = {}, ...ownRest } = writtenIn(half)?.spec ?? { lifecycle: {} }
    const isSame =
      isDeepStrictEqual(rest, ownRest) &&
      isDeepStrictEqual(metadata.labels ?? {}, own?.metadata.labels ?? {}) &&
      isDeepStrictEqual(metadata.annotations ?? {}, own?.metadata.annotations ?? {})
    if (!isSame) throw ofFile(half, 'only spec.lifecycle can be changed here')
    if (isDeepStrictEqual(lifecycle, before)) return
    checkLead(entry, kind)
    if (dryRun) return
    const key = definitionKey(kind, entry.pipeline)
    await this.#kept.command(key, { lifecycle, over: lifecycleText(own), id: createRequestId() })
    await this.#deps.reconciler.refresh()
  }

  get #kept(): KeptDefinitions {
    const kept = this.#deps.reconciler.keptDefinitions
    if (kept === undefined) throw new SluiceError('STORE_UNAVAILABLE', 'the store is not open')
    return kept
  }
}

/** The definition of the name and the kind, as it is there. */
interface There {
  readonly entry: Controlled | undefined
  readonly half: Half | undefined
}

/** Throws CONFLICT where the lifecycle of the other kind counts. */
function checkLead({ lead, pipeline }: Controlled, kind: DefinitionKind): void {
  if (lead !== undefined && lead.claim.of !== kind) throw notTheLead(pipeline)
}
