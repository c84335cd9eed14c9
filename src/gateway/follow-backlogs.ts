import { processesOf } from '../control/processes-of.ts'
import type { Served } from '../control/served.ts'
import type { Gauges } from '../ledger/gauges.ts'
import type { Runner } from '../runner/runner.ts'

export interface FollowBacklogsDeps {
  readonly runner: Pick<Runner, 'backlog'>
  readonly served: () => readonly Served[]
  /** `undefined`: the store is not open. */
  readonly ledger: () => Pick<Gauges, 'pending'> | undefined
}

/** How often the store is asked, in milliseconds. */
const everyMs = 1_000

/**
 * Tells the runner how many stored requests of each pipeline wait in the store. They count as load of its first step
 * with local processes, which is the one that they come to first.
 */
export function followBacklogs({ runner, served, ledger }: FollowBacklogsDeps): Disposable {
  let asking = false
  const ask = async (): Promise<void> => {
    const store = ledger()
    if (asking || store === undefined) return
    asking = true
    try {
      for (const { plan } of served()) {
        const [first] = processesOf(plan)
        if (first !== undefined) runner.backlog(first.key, (await store.pending(plan.pipeline)).queued)
      }
    } catch {
      // The store tells of its outage itself.
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void ask(), everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
