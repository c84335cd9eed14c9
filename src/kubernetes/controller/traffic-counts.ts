import { durationMs } from '../../pipeline/duration.ts'

/** An entry of a step's traffic, as a gateway tells of it, and as all of them together do. */
export interface EntryCounts {
  readonly tag?: string
  readonly percent: number
  readonly calls: number
  readonly failurePercent: number
  /** Absent: there was no call. */
  readonly p95?: string
}

/** Calls are added up, failures are a share of all of them, and of times the worst is told: those of the calls are not known here. */
export function trafficOf(reports: readonly (readonly EntryCounts[])[]): readonly EntryCounts[] {
  const [first = []] = reports
  return first.map((entry, place) => {
    // While gateways have different generations, an entry of the same place may be another one.
    const same = reports.flatMap(
      each => each.find(({ tag }, i) => tag === entry.tag && (tag !== undefined || i === place)) ?? []
    )
    const calls = same.reduce((sum, each) => sum + each.calls, 0)
    const failed = same.reduce((sum, each) => sum + each.calls * each.failurePercent, 0)
    const p95 = same.flatMap(each => each.p95 ?? []).sort((a, b) => durationMs(b) - durationMs(a))[0]
    const failurePercent = calls === 0 ? 0 : Math.round((failed / calls) * 100) / 100
    return { ...entry, calls, failurePercent, ...(p95 !== undefined && { p95 }) }
  })
}
