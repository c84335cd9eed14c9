import type { Documents } from '../ledger/documents.ts'

/** Documents of this kind are called `namespace/name REPLICA`. */
const kind = 'cut'

/** How many requests the replicas have put back or ended, each for a pipeline since its pause began. */
export class KeptCuts {
  readonly #documents: Documents

  constructor(documents: Documents) {
    this.#documents = documents
  }

  /** Says how many a replica has put back or ended. */
  async tell(pipeline: string, replica: string, count: number): Promise<void> {
    await this.#documents.put(kind, `${pipeline} ${replica}`, String(count))
  }

  /** Those of all replicas. */
  async of(pipeline: string): Promise<number> {
    const all = await this.#documents.list(kind)
    return all.filter(({ name }) => name.startsWith(`${pipeline} `)).reduce((sum, { text }) => sum + Number(text), 0)
  }

  /** The pipeline runs again. */
  async forget(pipeline: string): Promise<void> {
    for (const { name } of await this.#documents.list(kind)) {
      if (name.startsWith(`${pipeline} `)) await this.#documents.remove(kind, name)
    }
  }
}
