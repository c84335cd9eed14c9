import type { Condition } from '../../control/conditions.ts'
import type { GatewayStatus, Reports } from './gateway-report.ts'
import { trafficOf, type EntryCounts } from './traffic-counts.ts'

/** The word of all gateways together on a pipeline. */
export interface Counts {
  readonly inFlight: number
  readonly pending: number
  readonly deadLetters: number
  readonly generations: readonly { readonly generation: number; readonly open: number }[]
  /** By the path of a step, the worst of all. */
  readonly breakers: ReadonlyMap<string, string>
  /** By the path of a step, its entries of traffic. */
  readonly traffic: ReadonlyMap<string, readonly EntryCounts[]>
  /** How the rollouts stand, as the gateways keep it together in their store. */
  readonly rollout: Condition | undefined
  /** Those of each gateway that has the pipeline. */
  readonly phases: readonly string[]
  /** Nobody had to put back or end anything for the pause. */
  readonly drained: boolean
}

/** Requests in flight are added up; those in a store are counted once for each store. */
export function countsOf(pipeline: string, { reports }: Pick<Reports, 'reports'>): Counts {
  const found = reports.flatMap(({ store, pipelines }) => {
    const status = pipelines.get(pipeline)
    return status === undefined ? [] : [{ store, status }]
  })
  const byStore = Map.groupBy(found, ({ store }) => store ?? Symbol('own'))
  const ofStores = [...byStore.values()].map(each => each.map(({ status }) => status))
  const perStore = (count: (status: GatewayStatus) => number): number =>
    ofStores.reduce((sum, statuses) => sum + Math.max(...statuses.map(count)), 0)
  return {
    inFlight: found.reduce((sum, { status }) => sum + (status.inFlight ?? 0), 0),
    pending: perStore(({ pending = 0 }) => pending),
    deadLetters: perStore(({ deadLetters = 0 }) => deadLetters),
    generations: found[0]?.status.generations ?? [],
    breakers: worstBreakers(found.map(({ status }) => status)),
    traffic: trafficByStep(found.map(({ status }) => status)),
    rollout: found.flatMap(({ status }) => status.conditions?.find(({ type }) => type === 'Rollout') ?? [])[0],
    phases: found.map(({ status }) => status.phase ?? ''),
    drained: found.every(({ status }) => status.drainedOnPause === true)
  }
}

const severity = ['closed', 'halfOpen', 'open']

function worstBreakers(statuses: readonly GatewayStatus[]): ReadonlyMap<string, string> {
  const worst = new Map<string, string>()
  for (const { path = '', breaker } of statuses.flatMap(({ steps = [] }) => steps)) {
    if (breaker === undefined) continue
    const known = worst.get(path)
    if (known === undefined || severity.indexOf(breaker) > severity.indexOf(known)) worst.set(path, breaker)
  }
  return worst
}

function trafficByStep(statuses: readonly GatewayStatus[]): ReadonlyMap<string, readonly EntryCounts[]> {
  const told = statuses
    .flatMap(({ steps = [] }) => steps)
    .flatMap(({ path, traffic }) => (path === undefined || traffic === undefined ? [] : [{ path, traffic }]))
  const byPath = Map.groupBy(told, ({ path }) => path)
  return new Map([...byPath].map(([path, each]) => [path, trafficOf(each.map(({ traffic }) => traffic))]))
}
