import type { AttemptCount } from '../../flow/traffic/attempt-counts.ts'
import { addCounts } from '../../flow/traffic/attempt-counts.ts'
import type { Documents } from '../../ledger/documents.ts'
import { KeptVersions, type Versioned } from '../kept-versions.ts'
import { noCounts, type RolloutCounts, type RolloutState } from './rollout-state.ts'

const stateKind = 'rollout'
/** The counts of one replica for one share, called `STEP REPLICA`. */
const countKind = 'rollout-count'
/** When a gateway last served a step, in milliseconds since the epoch. */
const useKind = 'rollout-use'
/** How often that is said, and for how long a state is kept of a step that nobody serves, in milliseconds. */
const useMs = 3_600_000
const keptMs = 7 * 24 * useMs

export type KeptRollout = Versioned<RolloutState>

type PackedCount = readonly [calls: number, failed: number, durations: readonly (readonly [number, number])[]]

interface PackedCounts {
  readonly id: string
  readonly tag: PackedCount
  readonly others: PackedCount
}

/** How far rollouts are, in the store: the same for all replicas, and after restarts. Steps are named as turns name them. */
export class KeptRollouts {
  readonly #documents: Documents
  readonly #versions: KeptVersions<RolloutState>

  constructor(documents: Documents) {
    this.#documents = documents
    this.#versions = new KeptVersions(documents, stateKind)
  }

  /** The newest state of each step. */
  read(): Promise<ReadonlyMap<string, KeptRollout>> {
    return this.#versions.read()
  }

  /** Writes the state that comes after `before`; false: somebody else was quicker. */
  write(step: string, before: KeptRollout | undefined, state: RolloutState): Promise<boolean> {
    return this.#versions.write(step, before?.version, state)
  }

  /** Says that these steps are served, and forgets those that no gateway of the store has served for a week. */
  async sweep(served: ReadonlySet<string>, now: number): Promise<void> {
    const used = new Map((await this.#documents.list(useKind)).map(({ name, text }) => [name, Number(text)]))
    const kept = await this.read()
    for (const [step, { version }] of kept) {
      const at = used.get(step)
      const isUsed = served.has(step) || at === undefined
      if (isUsed && now - (at ?? 0) >= useMs) await this.#documents.put(useKind, step, String(now))
      if (!isUsed && now - at >= keptMs) await this.#versions.remove(step, version)
    }
    for (const step of used.keys()) if (!kept.has(step)) await this.#documents.remove(useKind, step)
  }

  async writeCounts(step: string, replica: string, id: string, { tag, others }: RolloutCounts): Promise<void> {
    const packed: PackedCounts = { id, tag: pack(tag), others: pack(others) }
    await this.#documents.put(countKind, `${step} ${replica}`, JSON.stringify(packed))
  }

  /**
   * The attempts of all replicas, by the id of the share that they belong to; those of shares that are over go. Shares of
   * steps that only another gateway of the store serves are not over: `kept` has the states of all.
   */
  async readCounts(kept: ReadonlyMap<string, RolloutState>): Promise<ReadonlyMap<string, RolloutCounts>> {
    const open = new Set([...kept.values()].map(({ id }) => id))
    const counts = new Map<string, RolloutCounts>()
    for (const { name, text } of await this.#documents.list(countKind)) {
      const { id, tag, others } = readCount(text)
      if (!open.has(id)) {
        await this.#documents.remove(countKind, name)
        continue
      }
      const sum = counts.get(id) ?? noCounts
      counts.set(id, { tag: addCounts(sum.tag, unpack(tag)), others: addCounts(sum.others, unpack(others)) })
    }
    return counts
  }
}

const pack = ({ calls, failed, durations }: AttemptCount): PackedCount => [calls, failed, [...durations]]

const unpack = ([calls, failed, durations]: PackedCount): AttemptCount => ({
  calls,
  failed,
  durations: new Map(durations)
})

// Only this class writes documents of its kinds.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const readCount = (text: string): PackedCounts => JSON.parse(text) as PackedCounts
