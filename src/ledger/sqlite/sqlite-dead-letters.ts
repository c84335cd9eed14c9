import type { DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLetters } from '../dead-letters.ts'
import type { NewRequest } from '../record/new-request.ts'
import { queueFull } from '../acceptance.ts'
import { readStoredRecord, readStoredSummary } from '../record/stored-record.ts'
import { toStoredRequest } from './encode-request.ts'
import type { StoreCalls } from './operation-queue.ts'

/** The dead letters of the SQLite ledger. */
export class SqliteDeadLetters implements DeadLetters {
  readonly #calls: StoreCalls

  constructor(calls: StoreCalls) {
    this.#calls = calls
  }

  async list(filter: DeadLetterFilter): Promise<readonly DeadLetterSummary[]> {
    const letters = await this.#calls.run('listDeadLetters', filter)
    return letters.map(letter => ({ ...letter, record: readStoredSummary(letter.record) }))
  }

  async read(id: string): Promise<DeadLetter | undefined> {
    const letter = await this.#calls.run('readDeadLetter', id)
    return letter && { ...letter, record: readStoredRecord(letter.record) }
  }

  count(pipeline: string | undefined): Promise<number> {
    return this.#calls.run('countDeadLetters', pipeline)
  }

  remove(id: string): Promise<boolean> {
    return this.#calls.run('removeDeadLetter', id)
  }

  async replay(
    id: string,
    request: NewRequest
  ): Promise<{ readonly id: string; readonly repeated: boolean } | undefined> {
    const answer = await this.#calls.run('replay', { id, request: toStoredRequest(request) })
    switch (answer.kind) {
      case 'full':
        throw queueFull(answer.pipeline, answer.queued)
      case 'repeated':
        return { id: answer.id, repeated: true }
      case 'replayed':
        return { id: request.id, repeated: false }
      default:
        return undefined
    }
  }
}
