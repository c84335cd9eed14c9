import type { EndSignal } from '../../event/end-signal.ts'
import type { RequestFilter } from '../records.ts'
import type { RequestRecord, RequestSummary } from '../record/request-record.ts'
import type { ChangeBell } from './change-bell.ts'
import { NextChange } from './next-change.ts'
import { encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { KnownPipelines } from './known-pipelines.ts'
import { readRecordFields, readSummaryFields } from './read-fields.ts'
import { readPages } from './read-pages.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readFields, readText } from './read-reply.ts'
import { listScript } from './scripts/list.ts'
import { readScript } from './scripts/read.ts'

type Found = RequestRecord | 'expired' | undefined

/** How often one who waits looks by itself, in case that the message got lost. */
const lookAgainMs = 2000

/** Looks at records, and waits for their changes. */
export class RedisReader {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #pipelines: KnownPipelines
  readonly #bell: ChangeBell

  constructor(connection: RedisConnection, keys: Keys, pipelines: KnownPipelines, bell: ChangeBell) {
    this.#connection = connection
    this.#keys = keys
    this.#pipelines = pipelines
    this.#bell = bell
  }

  async read(pipeline: string, id: string): Promise<Found> {
    const found = await this.#readNewer(pipeline, id, 0)
    // Every version is above 0.
    return found === 'same' ? undefined : found
  }

  async wait(pipeline: string, id: string, version: number, signal: EndSignal): Promise<Found> {
    using changes = new NextChange(onChange => this.#bell.listen(pipeline, id, onChange))
    let found = await this.#readNewer(pipeline, id, version)
    while (found === 'same' && !signal.aborted) {
      await changes.next(lookAgainMs, signal)
      found = await this.#readNewer(pipeline, id, version).catch((error: unknown) => {
        // The wait goes on while the store is away; it ends with a ledger that was closed.
        if (this.#connection.closed) throw error
        return 'same' as const
      })
    }
    return found === 'same' ? this.read(pipeline, id) : found
  }

  async list(filter: RequestFilter): Promise<readonly RequestSummary[]> {
    if (filter.pipeline !== undefined) return this.#listOf(filter.pipeline, filter)
    const records = await this.#pipelines.each(pipeline => this.#listOf(pipeline, filter))
    return records
      .flat()
      .sort((a, b) => (a.id > b.id ? -1 : 1))
      .slice(0, filter.limit)
  }

  async #listOf(pipeline: string, { after, limit, status }: RequestFilter): Promise<readonly RequestSummary[]> {
    const entries = await readPages(after, limit, (from, wanted) =>
      this.#connection.run(listScript, this.#keys.pipeline(pipeline), [from, wanted, status ?? ''])
    )
    return entries.map(({ id, fields }) => readSummaryFields(pipeline, id, fields))
  }

  async #readNewer(pipeline: string, id: string, version: number): Promise<Found | 'same'> {
    const reply = await this.#connection.run(readScript, this.#keys.pipeline(pipeline), [encodeName(id), version])
    if (Array.isArray(reply)) return readRecordFields(pipeline, id, readFields(reply))
    switch (readText(reply)) {
      case 'same':
        return 'same'
      case 'expired':
        return 'expired'
      default:
        return undefined
    }
  }
}
