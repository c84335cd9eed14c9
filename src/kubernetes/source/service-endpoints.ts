import { within } from '../../telemetry/within.ts'
import { Absence } from '../client/absence.ts'
import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { Mirror } from '../client/mirror.ts'
import { collectionPath } from '../client/resource.ts'
import { allChildren, pipelineLabel } from '../child-labels.ts'
import { resources } from '../resources.ts'
import { countEndpoints, reasonOf, type EndpointCounts, type EndpointSlice } from './endpoint-counts.ts'

/** Nothing is ready behind a Service. */
export interface ServiceState {
  /** The pipeline whose step it is: `namespace/name`. */
  readonly pipeline: string
  readonly reason: string
  /** False: the API server is away, so that something may have become ready. */
  readonly isCurrent: boolean
}

export interface ServiceEndpointsDeps {
  readonly client: ApiClient
  /** `undefined`: all. */
  readonly namespace: string | undefined
  /** By the ref `Service/namespace/name`; `undefined`: something is ready, or nobody knows. */
  readonly onState: (ref: string, state: ServiceState | undefined) => void
  /** EndpointSlices cannot be read. */
  readonly onFault: (reason: string) => void
}

/** The first list is waited for so long, in milliseconds. */
const firstListMs = 2_000

interface Slice {
  readonly ref: string
  readonly pipeline: string
  readonly counts: EndpointCounts
}

/**
 * Follows what is ready behind the Services of deployed steps, by their EndpointSlices, which have the labels of their
 * Services. A Service without any, such as that of a Knative Service, is not known.
 */
export class ServiceEndpoints implements AsyncDisposable {
  readonly #deps: ServiceEndpointsDeps
  readonly #told = new Map<string, ServiceState>()
  #mirror: Mirror<EndpointSlice, Slice> | undefined
  #firstWord = Promise.withResolvers<void>()
  #ended: Promise<void> = Promise.resolve()
  readonly #absence = new Absence(() => this.#tellAll())
  /** The API server refuses to say anything, so that nothing counts of what it said before. */
  #isRefused = false

  constructor(deps: ServiceEndpointsDeps) {
    this.#deps = deps
  }

  /** Whether there are deployed steps: without any nobody is asked. Resolves when something is known of them, or nothing comes. */
  async follow(areThere: boolean): Promise<void> {
    if (!areThere) return this.#stop()
    this.#mirror ??= this.#start()
    await within(firstListMs, this.#firstWord.promise)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop()
    await this.#ended
  }

  #start(): Mirror<EndpointSlice, Slice> {
    const { client, namespace } = this.#deps
    return new Mirror<EndpointSlice, Slice>(client, {
      path: collectionPath(resources.endpointSlices, namespace),
      query: { labelSelector: allChildren },
      project: sliceOf,
      onChange: (_, now, before) => {
        for (const { ref } of [before, now].filter(each => each !== undefined)) this.#tell(ref)
      },
      onList: () => {
        this.#tellAll()
        this.#firstWord.resolve()
      },
      onAway: cause => this.#away(cause),
      onConnected: () => this.#there()
    })
  }

  #stop(): void {
    const mirror = this.#mirror
    if (mirror === undefined) return
    this.#mirror = undefined
    this.#there()
    this.#firstWord = Promise.withResolvers<void>()
    this.#forget()
    this.#ended = Promise.all([this.#ended, mirror[Symbol.asyncDispose]()]).then(() => {})
  }

  #away(cause: unknown): void {
    this.#firstWord.resolve()
    if (isFailure(cause, 403) || isFailure(cause, 404)) {
      this.#absence.end()
      this.#isRefused = true
      this.#forget()
      this.#deps.onFault(failureText(cause))
      return
    }
    if (!this.#isRefused) this.#absence.begin(cause)
  }

  #there(): void {
    if (!this.#absence.end() && !this.#isRefused) return
    this.#isRefused = false
    this.#tellAll()
  }

  #tellAll(): void {
    const byRef = Map.groupBy(this.#mirror?.values ?? [], ({ ref }) => ref)
    for (const [ref, slices] of byRef) this.#tell(ref, slices)
    for (const ref of this.#told.keys()) if (!byRef.has(ref)) this.#tell(ref, [])
  }

  /** A Service may have several slices. */
  #tell(ref: string, slices = [...(this.#mirror?.values ?? [])].filter(slice => slice.ref === ref)): void {
    const state = stateOf(slices, !this.#absence.isAway)
    if (JSON.stringify(state) === JSON.stringify(this.#told.get(ref))) return
    if (state === undefined) this.#told.delete(ref)
    else this.#told.set(ref, state)
    this.#deps.onState(ref, state)
  }

  /** Nobody knows any more. */
  #forget(): void {
    for (const ref of this.#told.keys()) this.#deps.onState(ref, undefined)
    this.#told.clear()
  }
}

function sliceOf(object: EndpointSlice): Slice {
  const { namespace = 'default', labels = {} } = object.metadata
  return {
    ref: `Service/${namespace}/${labels['kubernetes.io/service-name'] ?? ''}`,
    pipeline: `${namespace}/${labels[pipelineLabel] ?? ''}`,
    counts: countEndpoints(object)
  }
}

function stateOf(slices: readonly Slice[], isCurrent: boolean): ServiceState | undefined {
  const [first] = slices
  if (first === undefined || slices.some(({ counts }) => counts.ready > 0)) return undefined
  return { pipeline: first.pipeline, reason: reasonOf(slices.map(({ counts }) => counts)), isCurrent }
}
