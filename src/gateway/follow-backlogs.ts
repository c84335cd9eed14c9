import { processesOf } from '../control/processes-of.ts'
import type { ServedChanges } from '../control/served.ts'
import type { Gauges } from '../ledger/gauges.ts'
import type { Records } from '../ledger/records.ts'
import type { Plan } from '../pipeline/plan.ts'
import type { ProcessSpec } from '../pipeline/process-spec.ts'
import type { Runner } from '../runner/runner.ts'
import { backlogOf } from './backlog-of.ts'

type Store = Pick<Gauges, 'pending'> & Pick<Records, 'list'>

export interface FollowBacklogsDeps {
  readonly runner: Pick<Runner, 'backlog'>
  /** `undefined`: the store is not open. */
  readonly ledger: () => Store | undefined
}

export interface Backlogs extends Disposable {
  /** These serve from now on. */
  apply(changes: ServedChanges): void
}

/** How often the store is asked, in milliseconds. */
const everyMs = 1_000
/** How many of the requests that wait are looked at: where those stand that are claimed next. */
const looked = 100

/**
 * Tells the runner how many stored requests of each pipeline wait in the store, as load of the local step that they come
 * to first from where they stand. Where all have one process at the most, the store is not asked: the first request that
 * is claimed starts it.
 */
export function followBacklogs({ runner, ledger }: FollowBacklogsDeps): Backlogs {
  /** Those of which a step can have several processes, by pipelines. */
  const followed = new Map<string, Plan>()
  let asking = false
  const ask = async (): Promise<void> => {
    const store = ledger()
    if (asking || store === undefined) return
    asking = true
    try {
      for (const [pipeline, plan] of followed) {
        const backlogs = await read(store, pipeline, plan)
        for (const { key } of processesOf(plan).filter(isScaled)) runner.backlog(key, backlogs.get(key) ?? 0)
      }
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
        if (processesOf(plan).some(isScaled)) followed.set(plan.pipeline, plan)
        else followed.delete(plan.pipeline)
      }
      for (const pipeline of removed) followed.delete(pipeline)
    },
    [Symbol.dispose]: () => clearInterval(timer)
  }
}

async function read(store: Store, pipeline: string, plan: Plan): Promise<ReadonlyMap<string, number>> {
  const { queued } = await store.pending(pipeline)
  if (queued === 0) return new Map()
  const next = await store.list({ pipeline, status: 'accepted', after: undefined, limit: looked })
  return backlogOf(plan, { queued, next })
}

const isScaled = ({ scaling: { max, schedule } }: ProcessSpec): boolean =>
  max > 1 || schedule.some(entry => entry.max > 1)
