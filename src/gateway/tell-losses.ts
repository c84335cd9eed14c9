import type { ConnectionLoss } from '../http/connections.ts'
import type { Logger } from '../telemetry/log.ts'

/** Lines of one kind come no more often, in milliseconds; each says how many it stands for. */
const quietMs = 10_000

const messages = {
  idle: 'there are as many connections as there may be: the one that was idle for the longest time was closed',
  refused: 'there are as many connections as there may be, and none is idle: a new one was refused',
  unread: 'a caller took nothing of its answer for too long, and was cut'
} as const satisfies Record<ConnectionLoss, string>

/** Tells the log of connections that the limits cost, and counts those for which there was no room. */
export function tellLosses(plane: string, log: Logger, shed: (reason: string) => void): (loss: ConnectionLoss) => void {
  const told = new Map<ConnectionLoss, { at: number; untold: number }>()
  return loss => {
    if (loss !== 'unread') shed('CONNECTIONS')
    const now = performance.now()
    const before = told.get(loss)
    if (before !== undefined && now - before.at < quietMs) {
      before.untold++
      return
    }
    told.set(loss, { at: now, untold: 0 })
    log.warn({ plane, connections: 1 + (before?.untold ?? 0) }, messages[loss])
  }
}
