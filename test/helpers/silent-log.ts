import type { Logger } from '../../src/telemetry/log.ts'

/** A logger that keeps to itself. */
export const silentLog: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  tellsRequests: false
}
