import type { ReadFile, DefinitionSource, SourceReading } from '../../control/definition-source.ts'
import { within } from '../../telemetry/within.ts'
import { Absence } from '../client/absence.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { Mirror } from '../client/mirror.ts'
import { collectionPath } from '../client/resource.ts'
import { isMapping } from '../../pipeline/spec/rule.ts'
import { deployedSteps } from '../deployed-steps.ts'
import { resources } from '../resources.ts'
import { readDefinition, type DefinitionObject } from '../cluster/read-definition.ts'

/** How long the first list is waited for, in milliseconds. */
const firstListMs = 10_000

export interface KubernetesSourceDeps {
  readonly client: ApiClient
  /** `undefined`: all. */
  readonly namespace: string | undefined
  /** Pipelines without serving cannot be read; the others are. */
  readonly onFault: (reason: string) => void
  /** Whether steps are deployed; resolves when it is known as far as it will be how those do. */
  readonly onDeployed: (areThere: boolean) => Promise<void>
}

interface Kept {
  readonly uid: string | undefined
  readonly generation: number | undefined
  /** It is being deleted, and is not served any more. */
  readonly isGone: boolean
  /** It has steps that are deployed. */
  readonly isDeployed: boolean
  readonly read: ReadFile
}

/** The ServingPipelines of an API server, and the Pipelines where it knows them. Each is read again when its `metadata.generation` is another one. */
export class KubernetesSource implements DefinitionSource {
  readonly name: string
  readonly shown: string
  readonly mustBeThere = false
  readonly #deps: KubernetesSourceDeps
  #mirror: Mirror<DefinitionObject, Kept> | undefined
  #sourced: Mirror<DefinitionObject, Kept> | undefined
  #onChange: () => void = () => {}
  readonly #absence = new Absence(() => this.#onChange())

  constructor(deps: KubernetesSourceDeps) {
    this.#deps = deps
    const { client, namespace } = deps
    this.name = `${client.server}/${namespace ?? '*'}`
    this.shown = `${namespace === undefined ? 'all namespaces' : `the namespace ${namespace}`} of ${client.server}`
  }

  async read(): Promise<SourceReading> {
    const mirror = (this.#mirror ??= this.#start())
    const sourced = (this.#sourced ??= this.#startSourced())
    if (!mirror.isListed) await this.#firstWord(mirror)
    if (this.#absence.isAway || !mirror.isListed) {
      return { kind: 'away', cause: new Error(failureText(this.#absence.cause ?? mirror.away ?? 'it does not answer')) }
    }
    const kept = [...mirror.values, ...sourced.values]
    await this.#deps.onDeployed(kept.some(({ isDeployed }) => isDeployed))
    return { kind: 'read', files: kept.flatMap(({ isGone, read }) => (isGone ? [] : [read])) }
  }

  watch(onChange: () => void): void {
    this.#onChange = onChange
  }

  [Symbol.dispose](): void {
    this.#onChange = () => {}
    void this.close()
  }

  /** Resolves when nothing is asked any more. */
  async close(): Promise<void> {
    this.#absence[Symbol.dispose]()
    await Promise.all([this.#mirror?.[Symbol.asyncDispose](), this.#sourced?.[Symbol.asyncDispose]()])
  }

  #start(): Mirror<DefinitionObject, Kept> {
    const { client, namespace } = this.#deps
    return new Mirror(client, {
      path: collectionPath(resources.servingPipelines, namespace),
      project: (object, before: Kept | undefined) => keptOf(object, before, resources.servingPipelines.kind),
      onChange: () => this.#onChange(),
      onAway: cause => this.#tellAway(cause),
      onConnected: () => this.#tellThere()
    })
  }

  /** An API server with older definitions of resources does not know them. */
  #startSourced(): Mirror<DefinitionObject, Kept> {
    const { client, namespace, onFault } = this.#deps
    return new Mirror(client, {
      path: collectionPath(resources.pipelines, namespace),
      project: (object, before: Kept | undefined) => keptOf(object, before, resources.pipelines.kind),
      onChange: () => this.#onChange(),
      onList: () => this.#onChange(),
      onAway: cause => {
        if (isFailure(cause, 403)) onFault(failureText(cause))
      }
    })
  }

  /** The first list, or the first failure. */
  async #firstWord(mirror: Mirror<DefinitionObject, Kept>): Promise<void> {
    const { promise: failed, resolve } = Promise.withResolvers<void>()
    this.#firstFailed = resolve
    await within(firstListMs, Promise.race([mirror.listed, failed])).catch(() => {})
    this.#firstFailed = () => {}
  }

  #firstFailed: () => void = () => {}

  #tellAway(cause: unknown): void {
    this.#firstFailed()
    this.#absence.begin(cause)
  }

  #tellThere(): void {
    this.#absence.end()
    this.#onChange()
  }
}

function keptOf(object: DefinitionObject, before: Kept | undefined, kind: string): Kept {
  const { uid, generation, deletionTimestamp } = object.metadata
  const isGone = deletionTimestamp !== undefined
  const isSame = before !== undefined && before.uid === uid && before.generation === generation
  if (isSame && before.isGone === isGone) return before
  const { isDeployed, read } = isSame ? before : readAnew(object, kind)
  return { uid, generation, isGone, isDeployed, read }
}

/** Of one that is faulty the last good definition may serve: its steps count. */
function readAnew(object: DefinitionObject, kind: string): Pick<Kept, 'isDeployed' | 'read'> {
  const { spec } = object
  const isDeployed = isMapping(spec) && deployedSteps(object.metadata.name, spec).length > 0
  return { isDeployed, read: readDefinition(object, kind) }
}
