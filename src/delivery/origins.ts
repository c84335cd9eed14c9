import type { buildConnector } from 'undici'
import type { BodyMemory } from '../event/body-memory.ts'
import { createConnector } from './connect.ts'
import { ownProcesses, type EgressCheck } from './egress.ts'
import type { SharedLookups } from './names/shared-lookups.ts'
import { Origin } from './origin.ts'
import { createRetryBudget, type RetryBudget } from './retry-budget.ts'
import { RecentlyUsed } from './recently-used.ts'

/** Origins kept; beyond it the one that was not used for longest is closed, if it is idle. */
const maxOrigins = 1024

/** The origins in use, made on first use. */
export interface Origins extends AsyncDisposable {
  get(origin: string, caCerts: string | undefined): Origin
  /** Of a process that the gateway runs itself: no egress rule holds for it. */
  own(origin: string): Origin
  /** The retry budget of a process, by its name: that stays when its port does not. */
  budgetOf(process: string): RetryBudget
  /** The rest of the retry budget of each, from 0 to 1. */
  budgets(): Iterable<{ readonly origin: string; readonly ratio: number }>
}

export interface OriginsDeps {
  readonly check: EgressCheck
  readonly lookups: SharedLookups
  /** To each origin at most, as its first call finds it. */
  readonly connections: () => number
  /** Counts what has come of answers. */
  readonly memory: BodyMemory
}

export function createOrigins({ check, lookups, connections, memory }: OriginsDeps): Origins {
  const origins = new RecentlyUsed<Origin>()
  const processes = new Map<string, RetryBudget>()
  const ofProcesses = new WeakSet<Origin>()
  const plain = createConnector(check, lookups, undefined)
  const own = createConnector(ownProcesses, lookups, undefined)

  const create = (key: string, name: string, connect: buildConnector.connector): Origin => {
    if (origins.size >= maxOrigins) closeUnused(origins)
    const origin = new Origin(name, { connect, connections: connections(), memory })
    origins.set(key, origin)
    return origin
  }

  return {
    get(name, caCerts) {
      const key = caCerts === undefined ? name : `${name} ${caCerts}`
      const known = origins.get(key)
      if (known !== undefined) return known
      return create(key, name, caCerts === undefined ? plain : createConnector(check, lookups, caCerts))
    },
    own(name) {
      const key = `own ${name}`
      const known = origins.get(key)
      if (known !== undefined) return known
      const created = create(key, name, own)
      ofProcesses.add(created)
      return created
    },
    budgetOf(process) {
      let budget = processes.get(process)
      if (budget === undefined) processes.set(process, (budget = createRetryBudget()))
      return budget
    },
    *budgets() {
      for (const origin of origins.values()) {
        // A process is called by its name, since its port is another one each time.
        if (!ofProcesses.has(origin)) yield { origin: origin.name, ratio: origin.budget.ratio() }
      }
      for (const [name, budget] of processes) yield { origin: name, ratio: budget.ratio() }
    },
    async [Symbol.asyncDispose]() {
      const all = [...origins.values()]
      origins.clear()
      await Promise.all(all.map(origin => origin[Symbol.asyncDispose]()))
    }
  }
}

function closeUnused(origins: RecentlyUsed<Origin>): void {
  for (const [key, origin] of origins.longestUnusedFirst()) {
    if (!origin.idle) continue
    origins.delete(key)
    void origin[Symbol.asyncDispose]()
    return
  }
}
