import { messageOf, SluiceError, toSluiceError } from '../../errors.ts'
import { createRequestId } from '../../event/request-id.ts'
import { eventOfEntry, eventOfPoison } from '../../event/entry-fields.ts'
import type { CommandConnection } from '../../redis/command-connection.ts'
import type { SourcePlan } from '../../pipeline/source-plan.ts'
import type { Logger } from '../../telemetry/log.ts'
import { whileElected, type ElectedDeps } from '../elected.ts'
import { waitFor } from '../../delivery/wait.ts'
import type { Entry, EntryIntake, Source, SourcePlace } from '../source.ts'
import { BatchSize } from './batch-size.ts'
import { GroupReader, type StreamEntry } from './group-reader.ts'

export interface RedisStreamSourceDeps extends Pick<ElectedDeps, 'owner' | 'roles'> {
  readonly log: Pick<Logger, 'warn' | 'info' | 'debug'>
  /** Whoever has not touched its entries for so long, in milliseconds, is gone. */
  readonly goneMs?: number
}

const usualGoneMs = 30_000
/** How often entries of those that are gone are looked for, as a part of that time. */
const looksWithin = 3
/** How often the pending entries are counted, in milliseconds. */
const countMs = 10_000
/** A consumer that asked for nothing for so long does not come back: it has a new name with each start. */
const forgottenMs = 600_000
/** After a failure, in milliseconds. */
const againMs = 1_000

/**
 * Entries of a Redis stream, read as one consumer of a group: acknowledged when they are accepted, and never deleted.
 */
export class RedisStreamSource implements Source {
  readonly #plan: Extract<SourcePlan, { kind: 'redisStream' }>
  readonly #place: SourcePlace
  readonly #deps: RedisStreamSourceDeps
  #failure: string | undefined

  constructor(plan: Extract<SourcePlan, { kind: 'redisStream' }>, place: SourcePlace, deps: RedisStreamSourceDeps) {
    this.#plan = plan
    this.#place = place
    this.#deps = deps
  }

  async run(intake: EntryIntake, signal: AbortSignal): Promise<void> {
    // Few gateways have such a source, and the package of Redis is not small.
    const { CommandConnection: Connection } = await import('../../redis/command-connection.ts')
    const connection = new Connection(this.#plan.url)
    const { stream, group } = this.#plan
    // A name of its own for each run: whatever the one before has left is taken over.
    const reader = new GroupReader(connection.client, { stream, group, consumer: createRequestId() })
    const role = `source ${this.#place.source}`
    const counting = whileElected({ ...this.#deps, role, everyMs: countMs }, signal, () =>
      this.#count(connection, reader).catch((thrown: unknown) => this.#told(thrown))
    )
    try {
      while (!signal.aborted) {
        await this.#read(connection, reader, intake, signal).catch((thrown: unknown) => this.#told(thrown))
        await waitFor(againMs, signal)
      }
      await reader.leave(this.#deps.goneMs ?? usualGoneMs).catch(() => {})
    } finally {
      connection[Symbol.dispose]()
      await counting
    }
  }

  /** Until the signal aborts, or something goes wrong. */
  async #read(
    connection: CommandConnection,
    reader: GroupReader,
    intake: EntryIntake,
    signal: AbortSignal
  ): Promise<void> {
    await connection.ready()
    await reader.create()
    const size = new BatchSize()
    const goneMs = this.#deps.goneMs ?? usualGoneMs
    let lookAt = 0
    while (!signal.aborted) {
      const looks = performance.now() >= lookAt
      if (looks) lookAt = performance.now() + goneMs / looksWithin
      const left = looks ? await reader.takeOver(goneMs, size.count) : []
      const entries = left.length > 0 ? left : await reader.next(size.count)
      // There may be more of them.
      if (left.length > 0) lookAt = 0
      this.#mended()
      size.saw(entries)
      if (
        !(await intake.accept(
          entries.map(entry => this.#entry(entry)),
          signal
        ))
      )
        return
      await reader.acknowledge(entries.map(({ id }) => id))
    }
  }

  #entry({ id, fields }: StreamEntry): Entry {
    const { source, maxBytes } = this.#place
    const place = { id, source, at: timeOf(id), maxBytes }
    try {
      return { kind: 'event', event: eventOfEntry(fields, place) }
    } catch (thrown) {
      const error = toSluiceError(thrown)
      const reason = new SluiceError('INVALID_EVENT', error.message)
      return { kind: 'poison', event: eventOfPoison(place), reason }
    }
  }

  /** On the elected replica only: the others do not ask. */
  async #count({ client }: CommandConnection, reader: GroupReader): Promise<void> {
    if (client.status !== 'ready') return
    const { pipeline, name } = this.#place
    const pending = await reader.pending()
    this.#deps.log.debug({ pipeline, source: name, pending }, 'entries of a source that are not acknowledged')
    await reader.forgetGone(forgottenMs)
  }

  /** Once for each cause. */
  #told(thrown: unknown): void {
    const reason = messageOf(thrown)
    if (reason === this.#failure) return
    this.#failure = reason
    const { pipeline, name } = this.#place
    this.#deps.log.warn({ pipeline, source: name, reason }, 'a source cannot be read; it is tried again')
  }

  #mended(): void {
    if (this.#failure === undefined) return
    this.#failure = undefined
    const { pipeline, name } = this.#place
    this.#deps.log.info({ pipeline, source: name }, 'a source is read again')
  }
}

/** An id begins with the milliseconds of its entry, unless somebody chose it otherwise. */
function timeOf(id: string): number {
  const ms = Number(id.split('-')[0])
  return Number.isSafeInteger(ms) && ms <= 8.64e15 ? ms : Date.now()
}
