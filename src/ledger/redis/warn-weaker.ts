import type { Logger } from '../../telemetry/log.ts'
import { isDurable, type Durability } from '../durability.ts'

/**
 * Warns when a server keeps less than the one before. The gateway goes on, with `--durability strict` too: what it has
 * accepted is there, and whether to accept more is for those to decide who can repair the server.
 */
export function warnWeaker(before: Durability, now: Durability, log: Logger): void {
  const broken = isDurable(before) && !isDurable(now)
  if (now.level >= before.level && !broken) return
  const message = 'the store came back weaker than it was'
  const fields = { store: now.summary, before: before.summary, warnings: now.warnings }
  log.warn(fields, broken ? `${message}: a 202 does not mean never lost any more` : message)
}
