import { processesOf } from '../control/processes-of.ts'
import type { ServedChanges } from '../control/served.ts'
import type { Gauges } from '../ledger/gauges.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { Runner } from '../runner/runner.ts'

export interface FollowBacklogsDeps {
  readonly runner: Pick<Runner, 'backlog'>
  /** `undefined`: the store is not open. */
  readonly ledger: () => Pick<Gauges, 'pending'> | undefined
}

export interface Backlogs extends Disposable {
  /** These serve from now on. */
  apply(changes: ServedChanges): void
}

/** How often the store is asked, in milliseconds. */
const everyMs = 1_000

/**
 * Tells the runner how many stored requests of each pipeline wait in the store. They count as load of its first step
 * with local processes, which is the one that they come to first. Where that has one process at the most, the store is
 * not asked: the first request that is claimed starts it.
 */
export function followBacklogs({ runner, ledger }: FollowBacklogsDeps): Backlogs {
  /** The first processes that can be several, by pipelines. */
  const followed = new Map<string, ProcessSpec>()
  let asking = false
  const ask = async (): Promise<void> => {
    const store = ledger()
    if (asking || store === undefined) return
    asking = true
    try {
      for (const [pipeline, { key }] of followed) runner.backlog(key, (await store.pending(pipeline)).queued)
    } catch {
      // The store tells of its outage itself.
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => {
    if (followed.size > 0) void ask()
  }, everyMs)
  return {
    apply({ put, removed }) {
      for (const { plan } of put) {
        const first = firstScaled(plan)
        if (first === undefined) followed.delete(plan.pipeline)
        else followed.set(plan.pipeline, first)
      }
      for (const pipeline of removed) followed.delete(pipeline)
    },
    [Symbol.dispose]: () => clearInterval(timer)
  }
}

function firstScaled(plan: Plan): ProcessSpec | undefined {
  const [first] = processesOf(plan)
  const { max = 0, schedule = [] } = first?.scaling ?? {}
  return max > 1 || schedule.some(entry => entry.max > 1) ? first : undefined
}
