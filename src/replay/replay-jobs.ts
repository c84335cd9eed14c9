import type { Documents } from '../ledger/documents.ts'
import type { ReplayJob } from './replay-job.ts'

const kind = 'replay'

/** The bulk replays of all replicas, as documents of the ledger. */
export class ReplayJobs {
  readonly #documents: Documents

  constructor(documents: Documents) {
    this.#documents = documents
  }

  put(job: ReplayJob): Promise<void> {
    return this.#documents.put(kind, job.id, JSON.stringify(job))
  }

  async find(id: string): Promise<ReplayJob | undefined> {
    const text = await this.#documents.get(kind, id)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** Newest first. */
  async list(): Promise<readonly ReplayJob[]> {
    const documents = await this.#documents.list(kind)
    const jobs = documents.map(({ text }): ReplayJob => JSON.parse(text))
    return jobs.sort((a, b) => (a.id < b.id ? 1 : -1))
  }

  remove(id: string): Promise<boolean> {
    return this.#documents.remove(kind, id)
  }
}
