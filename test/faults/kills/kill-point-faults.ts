import { isDeepStrictEqual } from 'node:util'
import type { KillPoint } from './kill-points.ts'
import type { AfterKill } from './run-kill-point.ts'

/** Where what happened differs from what the point promises; none: nowhere. */
export function killPointFaults(point: KillPoint, { end, calls, eventIds, letters }: AfterKill): string[] {
  const status = point.during === 'replay' ? 'replied' : point.end
  const open = status === 'failed' ? [end.id] : []
  const checks: [boolean, string][] = [
    [end.status === status, `ended as ${end.status}`],
    [end.deliveries <= point.deliveries, `was delivered ${end.deliveries} times`],
    [isDeepStrictEqual(calls, point.calls), `called ${JSON.stringify(calls)}, not ${JSON.stringify(point.calls)}`],
    [Math.max(...eventIds) === 1, `came with different event ids`],
    [isDeepStrictEqual(letters, open), `left the dead letters ${letters.join(', ') || 'empty'}`]
  ]
  return checks.filter(([kept]) => !kept).map(([, fault]) => fault)
}
