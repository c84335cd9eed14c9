import type { Logger } from '../telemetry/log.ts'
import type { BreakerChange } from './breaker.ts'

/** Tells the log what became of the breaker of a destination, and why. */
export function breakerLog(
  destination: string,
  log: Pick<Logger, 'warn' | 'info' | 'debug'>
): (change: BreakerChange) => void {
  return change => {
    switch (change.kind) {
      case 'opened': {
        const { failures, calls, error } = change
        return log.warn({ destination, failures, calls, err: error }, 'a circuit breaker opened')
      }
      case 'probeFailed':
        return log.debug({ destination, err: change.error }, 'a circuit breaker stays open: its probe failed')
      case 'closed': {
        const openMs = Math.round(change.openMs)
        return log.info({ destination, openMs }, 'a circuit breaker closed: its probe went well')
      }
    }
  }
}
