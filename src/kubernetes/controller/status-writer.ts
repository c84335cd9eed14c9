import type { ApiClient } from '../client/api-client.ts'
import { failureText, isFailure } from '../client/api-failure.ts'
import { apply, conflictsOf } from '../client/apply.ts'
import { apiVersionOf, type Resource } from '../client/resource.ts'
import type { ControllerMetrics } from './controller-metrics.ts'
import { manager } from './manager.ts'
import { writeEvent, type EventText } from './phase-events.ts'
import { onlyCountsDiffer, sameStatus } from './same-status.ts'
import type { PipelineObject } from './seen-pipeline.ts'
import type { PipelineStatus } from './pipeline-status.ts'

export interface StatusWriterDeps {
  readonly client: ApiClient
  /** The kind of the pipelines. */
  readonly resource: Resource
  readonly mayWrite: () => boolean
  readonly metrics: ControllerMetrics
  /** Something could not be done. */
  readonly tell: (reason: string) => void
}

/** The memory of the writes of one status. */
export interface Writing {
  /** By `performance.now()`. */
  wroteAt: number
  /** The phase that people were told last. */
  told: string | undefined
}

export const firstWriting = (told: string | undefined): Writing => ({ wroteAt: -Infinity, told })

/** Between two writes of one status, in milliseconds; and where only counts have changed. */
const statusMs = 1_000
const countsMs = 15_000
/** A status whose fields are somebody else's is tried again after this. */
const conflictMs = 30_000

/** Writes status when it is another one than before, and not too often. */
export class StatusWriter {
  readonly #deps: StatusWriterDeps

  constructor(deps: StatusWriterDeps) {
    this.#deps = deps
  }

  /** Answers in how many milliseconds it is to be tried again. Throws what the client throws. */
  async write(
    key: string,
    object: PipelineObject,
    writing: Writing,
    status: PipelineStatus
  ): Promise<number | undefined> {
    const before = object.status ?? {}
    if (sameStatus(before, status)) return undefined
    const now = performance.now()
    const nextAt = writing.wroteAt + (onlyCountsDiffer(before, status) ? countsMs : statusMs)
    if (now < nextAt) return Math.max(nextAt - now, 50)
    if (!this.#deps.mayWrite()) return undefined
    const { name, namespace } = object.metadata
    const metadata = { name, ...(namespace !== undefined && { namespace }) }
    const { client, resource } = this.#deps
    const applied = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, status }
    writing.wroteAt = now
    try {
      await apply(client, resource, applied, { manager, subresource: 'status' })
    } catch (thrown) {
      return this.#refused(key, object, thrown)
    }
    this.#deps.metrics.writes.labels().add(1)
    await this.#tell(object, writing, status)
    return undefined
  }

  /** Tells of something that a person should know. */
  async warn(object: PipelineObject, reason: string, message: string): Promise<void> {
    await this.#event(object, { reason, message, isWarning: true })
  }

  /** Of a change of phase only. */
  async #tell(object: PipelineObject, writing: Writing, { phase, conditions }: PipelineStatus): Promise<void> {
    if (writing.told === phase) return
    writing.told = phase
    const message = conditions.find(({ type }) => type === 'Ready')?.message ?? phase
    await this.#event(object, { reason: phase, message, isWarning: phase === 'Failed' })
  }

  async #refused(key: string, object: PipelineObject, thrown: unknown): Promise<number | undefined> {
    if (isFailure(thrown, 404)) return undefined
    const conflicts = conflictsOf(thrown)
    if (conflicts === undefined) throw thrown
    const message = `somebody else has set fields of the status, which stay so: ${conflicts.join(', ')}`
    this.#deps.tell(`${key}: ${message}`)
    await this.warn(object, 'Conflict', message)
    return conflictMs
  }

  async #event(object: PipelineObject, event: EventText): Promise<void> {
    await writeEvent(this.#deps.client, this.#deps.resource, object, event).catch((thrown: unknown) =>
      this.#deps.tell(failureText(thrown))
    )
  }
}
