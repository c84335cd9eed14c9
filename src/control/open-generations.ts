import type { Records } from '../ledger/records.ts'
import { within } from '../telemetry/within.ts'
import { openRequests } from './open-requests.ts'

/** A count holds for so many times as long as it took. */
const share = 20
/** And for so long at least, in milliseconds. */
const leastMs = 250

/** Whoever asks waits for a count so long, and takes the one before where that is not enough, in milliseconds. */
const patienceMs = 300

interface Counting {
  /** The last whole count. */
  open: ReadonlyMap<number, number>
  until: number
  running: Promise<void> | undefined
}

/** Counts open stored requests by the generation that accepted them; no index has that, so each is looked at. */
export class OpenGenerations {
  readonly #counts = new Map<string, Counting>()

  /** By generation; `open` is how many there are, of all generations. Rejects with STORE_UNAVAILABLE. */
  async of(ledger: Pick<Records, 'list'>, pipeline: string, open: number): Promise<ReadonlyMap<number, number>> {
    if (open === 0) {
      this.#counts.delete(pipeline)
      return new Map()
    }
    const counting = this.#counts.get(pipeline) ?? { open: new Map(), until: 0, running: undefined }
    this.#counts.set(pipeline, counting)
    if (performance.now() < counting.until) return counting.open
    counting.running ??= count(ledger, pipeline, counting).finally(() => (counting.running = undefined))
    await within(patienceMs, counting.running)
    return counting.open
  }
}

async function count(ledger: Pick<Records, 'list'>, pipeline: string, counting: Counting): Promise<void> {
  const startedAt = performance.now()
  const open = new Map<number, number>()
  for await (const { generation } of openRequests(ledger, pipeline)) {
    if (generation !== undefined) open.set(generation, (open.get(generation) ?? 0) + 1)
  }
  const now = performance.now()
  counting.open = open
  counting.until = now + Math.max(leastMs, (now - startedAt) * share)
}
