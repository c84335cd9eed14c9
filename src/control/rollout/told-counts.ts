import { isStepOf } from '../../flow/traffic/turns.ts'
import { addCounts, noAttempts, type AttemptCount, type EntryCounts } from '../../flow/traffic/attempt-counts.ts'
import type { KeptRollouts } from './kept-rollouts.ts'
import type { RolledStep } from './rolled-steps.ts'
import type { RolloutCounts } from './rollout-state.ts'

export interface ToldCountsDeps {
  /** All attempts of a step in this gateway so far. */
  readonly attemptsOf: (step: string) => EntryCounts
  /** Names this replica in the store. */
  readonly replica: string
}

/** The knowledge that this replica has of a share: the attempts that were there when it came upon it. */
interface Share {
  readonly id: string
  readonly before: RolloutCounts
  /** The attempts that it has told. */
  told: number
}

/** Tells the other replicas of the attempts that this one has made since each share was given. */
export class ToldCounts {
  readonly #deps: ToldCountsDeps
  readonly #shares = new Map<string, Share>()

  constructor(deps: ToldCountsDeps) {
    this.#deps = deps
  }

  /** `id` names the share that the step has now. */
  async tell({ key, rollout: { tag } }: RolledStep, id: string, kept: KeptRollouts): Promise<void> {
    const all = countsOf(this.#deps.attemptsOf(key), tag)
    let share = this.#shares.get(key)
    if (share?.id !== id) this.#shares.set(key, (share = { id, before: all, told: 0 }))
    const counts = { tag: without(all.tag, share.before.tag), others: without(all.others, share.before.others) }
    const made = counts.tag.calls + counts.others.calls
    if (made === share.told) return
    await kept.writeCounts(key, this.#deps.replica, id, counts)
    share.told = made
  }

  /** The attempts of the pipeline are counted from none again, if one of its name comes. */
  forget(pipeline: string): void {
    for (const step of this.#shares.keys()) if (isStepOf(pipeline, step)) this.#shares.delete(step)
  }
}

function countsOf(entries: EntryCounts, tag: string): RolloutCounts {
  let others = noAttempts
  for (const [name, count] of entries) if (name !== tag) others = addCounts(others, count)
  return { tag: entries.get(tag) ?? noAttempts, others }
}

/** The attempts that came after `before`. */
function without(all: AttemptCount, before: AttemptCount): AttemptCount {
  const durations = new Map<number, number>()
  for (const [exponent, count] of all.durations) {
    const left = count - (before.durations.get(exponent) ?? 0)
    if (left > 0) durations.set(exponent, left)
  }
  return { calls: all.calls - before.calls, failed: all.failed - before.failed, durations }
}
