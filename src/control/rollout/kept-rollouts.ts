import type { AttemptCount } from '../../flow/traffic/attempt-counts.ts'
import { addCounts } from '../../flow/traffic/attempt-counts.ts'
import type { Documents } from '../../ledger/documents.ts'
import { noCounts, type RolloutCounts, type RolloutState } from './rollout-state.ts'

/** Versions of a state are documents of this kind, called `STEP@VERSION`. */
const stateKind = 'rollout'
/** The counts of one replica for one share, called `STEP REPLICA`. */
const countKind = 'rollout-count'

export interface KeptRollout {
  readonly version: number
  readonly state: RolloutState
}

type PackedCount = readonly [calls: number, failed: number, durations: readonly (readonly [number, number])[]]

interface PackedCounts {
  readonly id: string
  readonly tag: PackedCount
  readonly others: PackedCount
}

/** How far rollouts are, in the store: the same for all replicas, and after restarts. Steps are named as turns name them. */
export class KeptRollouts {
  readonly #documents: Documents

  constructor(documents: Documents) {
    this.#documents = documents
  }

  /** The newest state of each step. */
  async read(): Promise<ReadonlyMap<string, KeptRollout>> {
    const newest = new Map<string, KeptRollout>()
    for (const { name, text } of await this.#documents.list(stateKind)) {
      const at = name.lastIndexOf('@')
      const [step, version] = [name.slice(0, at), Number(name.slice(at + 1))]
      const known = newest.get(step)
      if (known === undefined || known.version < version)
        newest.set(step, { version, state: parsed<RolloutState>(text) })
      const old = known === undefined ? undefined : Math.min(known.version, version)
      if (old !== undefined) await this.#documents.remove(stateKind, `${step}@${old}`)
    }
    return newest
  }

  /** Writes the version after `before`; false: somebody else was quicker. */
  async write(step: string, before: KeptRollout | undefined, state: RolloutState): Promise<boolean> {
    const version = (before?.version ?? 0) + 1
    const text = JSON.stringify(state)
    return (await this.#documents.add(stateKind, `${step}@${version}`, text)) === text
  }

  async writeCounts(step: string, replica: string, id: string, { tag, others }: RolloutCounts): Promise<void> {
    const packed: PackedCounts = { id, tag: pack(tag), others: pack(others) }
    await this.#documents.put(countKind, `${step} ${replica}`, JSON.stringify(packed))
  }

  /**
   * The attempts of all replicas, by the id of the share that they belong to; those of shares that are over go. Shares of
   * steps that only another gateway of the store serves are not over: `kept` has the states of all.
   */
  async readCounts(kept: ReadonlyMap<string, KeptRollout>): Promise<ReadonlyMap<string, RolloutCounts>> {
    const open = new Set([...kept.values()].map(({ state }) => state.id))
    const counts = new Map<string, RolloutCounts>()
    for (const { name, text } of await this.#documents.list(countKind)) {
      const { id, tag, others } = parsed<PackedCounts>(text)
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
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters
const parsed = <T>(text: string): T => JSON.parse(text) as T
