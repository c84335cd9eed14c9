import { diag, DiagLogLevel } from '@opentelemetry/api'
import type { Logger } from './log.ts'

/** A collector that was well, or not asked, for so long is a new outage when it is away again, in milliseconds. */
const quietMs = 600_000
const maxReason = 300

/** Tells the log once that traces cannot be exported, however often the SDK says so. */
export class ExportFaults {
  readonly #log: Pick<Logger, 'warn'>
  #lastAt = -Infinity

  constructor(log: Pick<Logger, 'warn'>) {
    this.#log = log
  }

  /** Whether the last of them was a moment ago. */
  get away(): boolean {
    return performance.now() - this.#lastAt < quietMs
  }

  /** Takes what the SDK says from now on; OTEL_LOG_LEVEL, where it is set, is stronger. */
  listen(): void {
    const error = (message: string): void => this.#tell(message)
    const nothing = (): void => {}
    diag.setLogger({ error, warn: nothing, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.ERROR)
  }

  #tell(message: string): void {
    const known = this.away
    this.#lastAt = performance.now()
    if (known) return
    const reason = reasonOf(message)
    this.#log.warn({ reason }, 'traces cannot be exported; they are dropped until the collector takes them again')
  }
}

/** The SDK tells errors as JSON, with their stack and what the collector answered. */
function reasonOf(message: string): string {
  try {
    const told: unknown = JSON.parse(message)
    if (typeof told === 'object' && told !== null && 'message' in told) return String(told.message).slice(0, maxReason)
  } catch {
    // Text.
  }
  return message.slice(0, maxReason)
}
