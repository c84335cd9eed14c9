import type { DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters } from '../dead-letters.ts'
import type { NewRequest } from '../record/new-request.ts'
import { encodeForAcceptance } from './encoded-request.ts'
import { decodeName, encodeName } from './key-name.ts'
import type { Keys } from './keys.ts'
import type { KnownPipelines } from './known-pipelines.ts'
import { queueFull } from '../acceptance.ts'
import { readDeadLetterFields, readDeadLetterSummary } from './read-fields.ts'
import { readPages } from './read-pages.ts'
import type { RedisConnection } from './redis-connection.ts'
import { readFields, readList, readNumber, readText } from './read-reply.ts'
import { listDeadLettersScript } from './scripts/list-dead-letters.ts'
import { readDeadLetterScript } from './scripts/read-dead-letter.ts'
import { removeDeadLetterScript } from './scripts/remove-dead-letter.ts'
import { replayScript } from './scripts/replay.ts'

/** Dead letters live with their pipeline; one whose pipeline is not given is looked for in all of them. */
export class RedisDeadLetters implements DeadLetters {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #pipelines: KnownPipelines
  readonly #onWork: (pipeline: string) => void

  constructor(connection: RedisConnection, keys: Keys, pipelines: KnownPipelines, onWork: (pipeline: string) => void) {
    this.#connection = connection
    this.#keys = keys
    this.#pipelines = pipelines
    this.#onWork = onWork
  }

  async list(filter: DeadLetterFilter): Promise<readonly DeadLetterSummary[]> {
    if (filter.pipeline !== undefined) return this.#listOf(filter.pipeline, filter)
    const letters = await this.#pipelines.each(pipeline => this.#listOf(pipeline, filter))
    return letters
      .flat()
      .sort((a, b) => (a.record.id < b.record.id ? -1 : 1))
      .slice(0, filter.limit)
  }

  async read(id: string): Promise<DeadLetter | undefined> {
    const letters = await this.#pipelines.each(async pipeline => {
      const fields = readFields(
        await this.#connection.run(readDeadLetterScript, this.#keys.pipeline(pipeline), [encodeName(id)])
      )
      return fields.size === 0 ? undefined : readDeadLetterFields(pipeline, id, fields)
    })
    return letters.find(letter => letter !== undefined)
  }

  async count(pipeline: string | undefined): Promise<number> {
    const countOf = async (name: string): Promise<number> =>
      readNumber(await this.#connection.command('ZCARD', [`${this.#keys.pipeline(name)}:unclosed`]))
    if (pipeline !== undefined) return countOf(pipeline)
    return (await this.#pipelines.each(countOf)).reduce((sum, count) => sum + count, 0)
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.#pipelines.each(async pipeline =>
      readNumber(await this.#connection.run(removeDeadLetterScript, this.#keys.pipeline(pipeline), [encodeName(id)]))
    )
    return removed.includes(1)
  }

  async replay(id: string, request: NewRequest): ReturnType<DeadLetters['replay']> {
    const { pipeline } = request
    await this.#pipelines.add(pipeline)
    const args = [encodeName(id), ...encodeForAcceptance(request, '0')]
    const [kind, detail] = readList(await this.#connection.run(replayScript, this.#keys.pipeline(pipeline), args))
    switch (readText(kind)) {
      case 'none':
        return undefined
      case 'full':
        throw queueFull(pipeline, readNumber(detail))
      case 'accepted':
        this.#onWork(pipeline)
        return { id: request.id, repeated: false }
      default:
        return { id: decodeName(readText(detail)), repeated: true }
    }
  }

  async #listOf(pipeline: string, filter: DeadLetterFilter): Promise<readonly DeadLetterSummary[]> {
    const { step = '', code = '', since = 0, closed, after, limit } = filter
    const entries = await readPages(after, limit, (from, wanted) =>
      this.#connection.run(listDeadLettersScript, this.#keys.pipeline(pipeline), [
        from,
        wanted,
        step,
        code,
        since,
        Number(closed)
      ])
    )
    return entries.map(({ id, fields }) => readDeadLetterSummary(pipeline, id, fields))
  }
}
